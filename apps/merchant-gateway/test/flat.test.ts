import { afterEach, describe, expect, it } from "@jest/globals";
import type Database from "better-sqlite3";
import { claimIsDue } from "../src/claim/late-claim.ts";
import { ReadinessReport } from "../src/http/readiness.ts";
import type { Journal } from "../src/journal/journal.ts";
import { Exchange } from "../src/sync/exchange.ts";
import type { SettlementPort } from "../src/sync/settlement-client.ts";
import { Uploader } from "../src/sync/uploader.ts";
import { signReceipt } from "./harness/receipts.ts";
import { servedDomain, signCertificate, signList, terminalSigner, type TestTerminal } from "./harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "./harness/terminal-suite.ts";

const suite = new TerminalSuite();

afterEach(() => {
  suite.removeAll();
});

interface Plan {
  readonly sql: string;
  readonly plan: string;
}

/** Runs work and answers the plans of all statements that were prepared for it. */
async function plansOf(journal: Journal, work: () => Promise<unknown>): Promise<readonly Plan[]> {
  const { database } = journal as unknown as { readonly database: Database.Database };
  const { statements } = journal.vouchers as unknown as {
    readonly statements: { readonly prepared: Map<string, Database.Statement> };
  };
  statements.prepared.clear();
  await work();
  return [...statements.prepared].map(([sql, { source }]) => {
    const count = (sql.match(/\?/g) ?? []).length;
    const rows = database.prepare(`EXPLAIN QUERY PLAN ${source}`).all(...Array.from({ length: count }, () => 1));
    return { sql, plan: rows.map((row) => (row as { readonly detail: string }).detail).join("; ") };
  });
}

/**
 * What may be walked whole: one row for each currency, for each open question at a card, for each
 * request of an owner, for each upload that was set aside or forgotten, or for each release that
 * nobody ordered; never one for each payment.
 */
const few =
  /SCAN (voucher_total|chain_void|chain_voided|chain_cover|upload_(?:forgotten|set_aside)|voucher USING INDEX voucher_released_unordered|identity|clock_floor|CONSTANT ROW|\(subquery-\d+\)|tap USING INDEX (tap_waits|tap_unresolved|one_open_sale))\b/g;

/** The last of them is the first that is looked at. */
const newestEvent = "SELECT seq, link FROM event ORDER BY seq DESC LIMIT 1";

/**
 * What is sorted whole: the newest payments and refunds alone, what a few counters find, the few taps
 * of one sale, or the few uploads that were set aside.
 */
const sorted = /request_time >= \?|changed_at >= \?|chain_void|counter|WHERE sale_id = \?|upload_set_aside/;

function expectFlat(plans: readonly Plan[]): void {
  for (const { sql, plan } of plans.filter((each) => each.sql !== newestEvent)) {
    expect([sql, plan.replace(few, "")]).toEqual([sql, expect.not.stringMatching(/\bSCAN\b/)]);
    const wide = sorted.test(sql) ? /voucher USING INDEX \w+ \(domain=\?\)/ : /TEMP B-TREE/;
    expect([sql, plan]).toEqual([sql, expect.not.stringMatching(wide)]);
  }
}

/** A terminal with a software card, whose decision asks most. */
async function makeTerminal(): Promise<TestTerminal> {
  const certificate = await signCertificate({ softwareSum: 100n * PRICE });
  const terminal = await suite.terminal({ domains: [await servedDomain({ certificate })] });
  terminal.reader.card = await terminal.card("flat", { flags: 2 << 1 });
  await terminal.tap(PRICE);
  return terminal;
}

describe("with any number of payments that are not final", () => {
  it("a tap asks no more than with none", async () => {
    const terminal = await makeTerminal();
    const plans = await plansOf(terminal.gateway.journal, async () => {
      expect(await terminal.tap(PRICE)).toMatchObject({ outcome: "accepted" });
    });
    expect(plans.length).toBeGreaterThan(20);
    expectFlat(plans);
  });

  it("neither does a sale, beside the card of the one before", async () => {
    const terminal = await makeTerminal();
    const { journal, sales } = terminal.gateway;
    const terms = { lane: "1", currency: "USDC", decimals: 6, cashier: "ann", reference: null, metadata: {} };
    const plans = await plansOf(journal, async () => {
      // The card of the tap before lies there: it is to be taken away, and then pays by hand.
      terminal.reader.onWait = () => (terminal.reader.card = null);
      sales.put({ ...terms, id: "left", amount: PRICE }, { pin: null, waitMs: 0, again: false });
      await sales.settled();
      terminal.reader.card = await terminal.card("flat two", { flags: 2 << 1 });
      sales.put({ ...terms, id: "sold", amount: PRICE }, { pin: null, waitMs: 0, again: false });
      await sales.settled();
      expect(sales.view("sold")).toMatchObject({ state: "paid" });
    });
    expect(plans.length).toBeGreaterThan(20);
    expectFlat(plans);
  });

  it("neither do an exchange, the question whether a claim is due, and a look at the state", async () => {
    const terminal = await makeTerminal();
    const { gateway, config } = terminal;
    const [served] = config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    const settlement: SettlementPort = {
      authenticated: true,
      upload: async (request) => {
        const [voucherId = ""] = gateway.journal.vouchers.ofUpload(served.domainBytes, 1).map(({ id }) => hex(id));
        return { results: [{ voucherId, status: "new", code: null }], ...(await signReceipt(request, terminal.now)) };
      },
      statusList: () => signList({ seq: 2 }),
      vouchers: (ids) =>
        Promise.resolve(new Map(ids.map((id) => [hex(id), { state: "batched", batch: "1", tx: "0x1", refunds: [] }]))),
    };
    const plans = await plansOf(gateway.journal, async () => {
      const uploader = new Uploader({ ...gateway, config, signer: terminalSigner });
      const exchange = new Exchange({ ...gateway, uploader, settlementOf: () => settlement });
      expect((await exchange.run()).uploaded).toMatchObject({ new: 1 });
      await exchange.run();
      await exchange.followNew();
      claimIsDue(gateway, served);
      await new ReadinessReport(gateway).read();
      const { journal } = gateway;
      journal.outcomes.toCheck(served.domainBytes, 1, { since: 1, checkedBefore: 1 });
      journal.outcomes.ofCounter(served.domainBytes, 1);
      journal.vouchers.toReturn(1);
    });
    expect(plans.length).toBeGreaterThan(30);
    expectFlat(plans);
  });
});

function hex(id: Uint8Array): string {
  return `0x${Buffer.from(id).toString("hex")}`;
}
