import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { Logger } from "@nestjs/common";
import { type SoftHsm, startSoftHsm } from "@tallystick/keystore/testing";
import { formatTotal } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { ledgerCommand } from "../src/commands/ledger-commands.ts";
import { verifyStatement } from "../src/verify/verify-statement.ts";
import { eventually } from "./harness/eventually.ts";
import { eventsTold } from "./harness/promql/events-told.ts";
import { certifiedTerminal, fundedCard } from "./harness/issued.ts";
import { keysInHsm } from "./harness/hsm/keys-in-hsm.ts";
import { merchantBrowser } from "./harness/people/browser.ts";
import {
  createHarness,
  ISSUER_TOKEN,
  OPERATOR_TOKEN,
  type TestService,
  type SettlementHarness,
} from "./harness/settlement-harness.ts";
import { idOf } from "./harness/test-card.ts";

describe.each([
  ["ReferenceVault", "files"],
  ["PackedVault", "an HSM"],
])("the whole path of money through %s, with keys in %s", (vault, place) => {
  let harness: SettlementHarness;
  let service: TestService;
  let hsm: SoftHsm | undefined;

  beforeAll(async () => {
    harness = await createHarness(vault);
    harness.startMining();
    hsm = place === "files" ? undefined : startSoftHsm();
    service = await harness.start(await harness.createDatabase(), hsm === undefined ? {} : keysInHsm(hsm, harness));
  });
  afterAll(async () => {
    await service?.stop();
    await harness.stop();
    hsm?.end();
  });

  const voucherState = (id: string) => service.call("GET", `/v1/vouchers/${id}`);

  it("takes vouchers, settles them, bears a fork's loser, pays merchants out, and every unit is accounted for", async () => {
    const [terminalA, terminalB] = [
      await certifiedTerminal(harness, service),
      await certifiedTerminal(harness, service),
    ];
    const card = await fundedCard(harness, service);
    const copied = await fundedCard(harness, service);

    const first = await card.pay({ payee: terminalA.payee, amount: 2_500_000n, terminalId: terminalA.terminalId });
    const second = await card.pay({ payee: terminalB.payee, amount: 1_000_001n, terminalId: terminalB.terminalId });
    const clone = copied.clone();
    const honest = await copied.pay({ payee: terminalA.payee, amount: 3_000_000n, terminalId: terminalA.terminalId });
    const forged = await clone.pay({ payee: terminalB.payee, amount: 4_000_000n, terminalId: terminalB.terminalId });

    const told = await eventsTold(service);
    const written = jest.spyOn(Logger.prototype, "log");
    const uploadA = await terminalA.upload({ vouchers: [first, honest] });
    const answerA = await service.call("POST", "/v1/uploads", { body: uploadA });
    expect(answerA.body).toEqual({
      results: [
        { voucherId: idOf(first), status: "new", code: null },
        { voucherId: idOf(honest), status: "new", code: null },
      ],
      receipt: expect.stringMatching(/^0x[0-9a-f]{202}$/),
      receiptSignature: expect.stringMatching(/^0x[0-9a-f]{128}$/),
    });
    const again = await service.call("POST", "/v1/uploads", { body: uploadA });
    expect(again.body.receipt).toBe(answerA.body.receipt);
    expect(again.body.results.map((result: { status: string }) => result.status)).toEqual(["duplicate", "duplicate"]);
    const answerB = await service.call("POST", "/v1/uploads", {
      body: await terminalB.upload({ vouchers: [second, forged] }),
    });
    expect(answerB.body.results.map((result: { status: string }) => result.status)).toEqual(["new", "forked"]);

    for (const bundle of [first, second, honest]) {
      const seen = await eventually(
        () => voucherState(idOf(bundle)),
        ({ body }) => body.state === "final",
      );
      expect(seen.body.tx).toMatch(/^0x[0-9a-f]{64}$/);
    }
    const loser = await eventually(
      () => voucherState(idOf(forged)),
      ({ body }) => body.state === "compensated",
    );
    expect(loser.body.batch).toBeNull();
    // One line for the upload that brought the fork, and one for each batch; none about what came again.
    const lines = written.mock.calls.map(([line]) => String(line));
    written.mockRestore();
    const linesOf = (event: string) => lines.filter((line) => line.startsWith(`${event}: `));
    const { fork, refusal, batch } = await eventsTold(service);
    expect([fork - told.fork, refusal - told.refusal, batch - told.batch]).toEqual([1, 0, linesOf("batch").length]);
    expect([linesOf("fork").length, linesOf("fork").join().includes(idOf(forged))]).toEqual([1, true]);
    const batches = (await service.call("GET", "/v1/batches")).body.batches as readonly { readonly id: string }[];
    expect(batches.length).toBeGreaterThan(0);
    for (const { id } of batches) expect(linesOf("batch").filter((line) => line.includes(id))).toHaveLength(1);

    const { body } = await service.call("GET", "/v1/forks");
    expect(body.forks).toHaveLength(1);
    expect(body.forks[0]).toMatchObject({
      card: toHex(copied.address),
      counter: 1,
      vouchers: [idOf(honest), idOf(forged)],
      paid: idOf(honest),
      bearer: "issuer",
    });

    const shown = await eventually(
      () => service.call("GET", `/v1/cards/${toHex(copied.address)}`, { token: ISSUER_TOKEN }),
      (answer) => answer.body.flagged === true,
    );
    expect(shown.body.status).toBe("revoked");

    for (const terminal of [terminalA, terminalB]) {
      const asked = await service.call("POST", "/v1/payouts", {
        token: OPERATOR_TOKEN,
        body: { payee: toHex(terminal.payee), reason: "a test" },
      });
      expect(asked.status).toBe(200);
      await eventually(
        () => service.call("GET", `/v1/payouts/${asked.body.id}`, { token: OPERATOR_TOKEN }),
        (answer) => answer.body.state === "final",
      );
    }
    const report = await eventually(
      () => service.call("GET", "/v1/reconciliation"),
      ({ body: seen }) => seen.ledger?.paidOut === "10.500001" && seen.ledgerDifference === "0",
    );
    expect(report.body).toMatchObject({
      chain: {
        minted: "1000.00",
        wallets: "860.00",
        guarantee: "96.00",
        cards: "33.499999",
        owed: "0.00",
        paidOut: "10.500001",
      },
      ledger: {
        minted: "1000.00",
        wallets: "860.00",
        guarantee: "96.00",
        cards: "33.499999",
        owed: "0.00",
        paidOut: "10.500001",
      },
      acceptedUnpaid: "0.00",
      issuerOwes: { vouchers: "0.00", ledger: "0.00" },
      ledgerDifference: "0",
    });

    // What each payee's statement says is what its wallet and the vault have, to the unit.
    const [before, day] = [Date.now() - 86_400_000, Date.now()].map((at) => new Date(at).toISOString().slice(0, 10));
    for (const { payee } of [terminalA, terminalB]) {
      const path = `/v1/merchants/${toHex(payee)}/statements?from=${before}&to=${day}`;
      const { body: statement } = await service.call("GET", path);
      const { contract } = service.platform;
      const [held, { earned, withdrawn }] = await Promise.all([
        contract.tokenBalance(payee, "finalized"),
        contract.merchant(payee, "finalized"),
      ]);
      const { fault, anchored } = verifyStatement(JSON.stringify(statement), { issuerKeys: [], root: null });
      expect(fault).toBeNull();
      expect(anchored).toBeGreaterThan(0);
      const { asset } = service.platform.config;
      expect(statement.closing).toEqual({
        ...{ accepted: "0.00", issuerOwes: "0.00", owed: formatTotal(earned - withdrawn, asset) },
        paidOut: formatTotal(held / asset.scale, asset),
      });
      // Its own page and the console's say the same, and how much the payout was.
      const merchant = await merchantBrowser(service, payee);
      const read = async (path: string) => JSON.parse((await merchant.get(path)).text) as Record<string, unknown>;
      const { owed, accepted, paidOut } = statement.closing;
      expect((await read("/v1/own"))["balances"]).toEqual({ owed, accepted, paidOut, issuerOwes: null });
      const paid = formatTotal(withdrawn, asset);
      expect((await read("/v1/own/payouts"))["payouts"]).toMatchObject([{ state: "final", amount: paid }]);
      const shown = (await service.call("GET", `/console/merchants/${toHex(payee)}`)).body as string;
      for (const page of [(await merchant.get("/own")).text, shown])
        expect(page).toMatch(
          new RegExp(`data-label="Amount" class="n"><span>${paid.replace(".", "\\.")} ${asset.code}<`),
        );
    }
    const files = `/v1/merchants/${toHex(terminalA.payee)}/statements?from=${before}&to=${day}`;
    for (const [format, type] of [
      ["csv", "text/csv; charset=utf-8"],
      ["pdf", "application/pdf"],
    ] as const) {
      const file = await service.call("GET", `${files}&format=${format}`);
      expect([file.status, file.type]).toEqual([200, type]);
    }
    expect((await service.call("GET", `${files}&format=xml`)).body.code).toBe("MALFORMED_BODY");
    await everyWeiIsBooked(service);
    await ledgerComesToTheSame(harness, service);
    const { body: costs } = await service.call("GET", `/v1/costs?from=${before}&to=${day}`);
    expect(costs).toMatchObject({
      ...{ amount: "4.00", paidTwice: "0.00", owed: "0.00", more: false },
      sums: [
        { ground: "fork", vouchers: 1, amount: "4.00" },
        { ground: "guarantee", vouchers: 0, amount: "0.00" },
      ],
      costs: [
        { ground: "fork", way: "compensation", voucher: idOf(forged), payee: toHex(terminalB.payee), counter: 1 },
      ],
    });
    expect(BigInt(costs.costs[0].gasWei)).toBeGreaterThan(0n);
  });

  it("settles a voucher far ahead of every other one, and the older ones when they come", async () => {
    // As if the HSM had been taken away and put back.
    hsm?.endSessions();
    const terminal = await certifiedTerminal(harness, service);
    const card = await fundedCard(harness, service);
    const pay = () => card.pay({ payee: terminal.payee, amount: 1_000n, terminalId: terminal.terminalId });
    const first = await pay();
    // A terminal that was lost with a thousand payments in it: their counters stay unpaid.
    card.counter = 1_000;
    card.spent = 1_000_000n;
    const ahead = await pay();
    for (const vouchers of [[ahead], [first]]) {
      await service.call("POST", "/v1/uploads", { body: await terminal.upload({ vouchers }) });
      for (const bundle of vouchers) {
        await eventually(
          () => voucherState(idOf(bundle)),
          ({ body }) => body.state === "final",
        );
      }
    }
  });
});

/** What transactions cost is what the accounts have less, and batches' costs are their vouchers' together. */
async function everyWeiIsBooked(service: TestService): Promise<void> {
  const get = (path: string) => service.call("GET", `/v1/fees${path}`).then(({ body }) => body);
  const { accounts } = await eventually(
    () => get("/accounts"),
    (seen) => seen.accounts.every((each: { otherTransactions: number }) => each.otherTransactions === 0),
  );
  for (const account of accounts) expect(account).toMatchObject({ otherWei: "0", expectedWei: account.balanceWei });
  expect(accounts.length).toBeGreaterThan(0);
  const [from, to] = [Date.now() - 86_400_000, Date.now()].map((at) => new Date(at).toISOString().slice(0, 10));
  const { rows } = await sql<{ wrong: string; shared: string; counted: string }>`
    select count(*) filter (where f.fee_wei <> s.wei)::text as wrong, count(s.wei)::text as shared,
      count(*)::text as counted
    from chain_fees f
    left join (select transaction_hash, sum(wei) as wei from fee_shares group by 1) s using (transaction_hash)`.execute(
    service.platform.db,
  );
  expect(rows[0]).toMatchObject({ wrong: "0" });
  expect(Number(rows[0]?.shared)).toBeGreaterThan(2);
  for (const by of ["kind", "account", "batch", "merchant"]) {
    const report = await get(`?from=${from}&to=${to}&by=${by}`);
    const sum = report.rows.reduce((total: bigint, row: { wei: string }) => total + BigInt(row.wei), 0n);
    expect(sum + BigInt(report.others.wei)).toBe(BigInt(report.wei));
    expect([report.transactions, report.rows.length > 0]).toEqual([Number(rows[0]?.counted), true]);
    const page = (await service.call("GET", `/console/costs?from=${from}&to=${to}&by=${by}`)).body as string;
    for (const { wei } of report.rows) expect([by, page.includes(`>${wei}<`)]).toEqual([by, true]);
  }
  await pagesShowFees(service, await get(`?from=${from}&to=${to}&by=batch`));
}

/** The pages of a batch, its transaction, a voucher of it and its merchant have the wei that is booked. */
async function pagesShowFees(service: TestService, { rows }: { rows: { key: string; wei: string }[] }): Promise<void> {
  const page = async (path: string) => (await service.call("GET", `/console/${path}`)).body as string;
  for (const { key, wei } of rows) expect(await page(`batches/${key}`)).toContain(`${wei} wei in `);
  const { rows: shares } = await sql<{ tx: string; voucher: string; payee: string; fee: string; wei: string }>`
    select encode(f.transaction_hash, 'hex') as tx, encode(s.voucher_id, 'hex') as voucher,
      encode(s.payee, 'hex') as payee, f.fee_wei::text as fee, s.wei::text as wei
    from chain_fees f join fee_shares s using (transaction_hash) where f.kind = 'settle' limit 1`.execute(
    service.platform.db,
  );
  const [{ tx, voucher, payee, fee, wei }] = shares as [(typeof shares)[number]];
  const { rows: sums } = await sql<{ wei: string }>`
    select coalesce(sum(wei), 0)::text as wei from fee_shares join chain_fees using (transaction_hash)
    where payee = ${Buffer.from(payee, "hex")} and mined_at >= date_trunc('month', now(), 'UTC')`.execute(
    service.platform.db,
  );
  expect(await page(`transactions/0x${tx}`)).toContain(`${fee} wei: `);
  expect(await page(`vouchers/0x${voucher}`)).toContain(`>${wei}<`);
  expect(await page(`merchants/0x${payee}`)).toContain(`${sums[0]?.wei} wei in `);
  expect(await page("costs?from=2026-11-21&to=2026-11-20")).toMatchObject({ code: "PERIOD_RANGE" });
}

/** The whole ledger in a file, and built anew from it. */
async function ledgerComesToTheSame({ configFile }: SettlementHarness, service: TestService): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ledger-"));
  try {
    const file = join(folder, "books.ndjson");
    const written = await ledgerCommand(["export", file, "--config", configFile], Date.now);
    const replayed = await ledgerCommand(["replay", file], Date.now);
    const { operations, root } = JSON.parse(written.line) as { operations: number; root: string };
    expect(JSON.parse(replayed.line)).toMatchObject({ equal: true, operations, root });
    const { entries } = JSON.parse(replayed.line) as { entries: number };
    const seen = await service.call("GET", `/v1/ledger/root?size=${entries}`);
    expect(seen.body).toEqual({ size: entries, root });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
