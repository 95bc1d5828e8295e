import "reflect-metadata";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { toChecksumAddress, toHex } from "@tallystick/protocol";
import { withdrawCall } from "@tallystick/vault";
import { createTestApp } from "../../../test/harness/test-app.ts";
import { DAY, payee, START, type TestTerminal } from "../../../test/harness/test-terminal.ts";
import { PRICE, TerminalSuite } from "../../../test/harness/terminal-suite.ts";
import { payeeAccess } from "../../../test/harness/chain/quiet-sale.ts";
import type { FollowedState } from "../../journal/payments/voucher-store.ts";
import { MONEY_CACHE_SECONDS } from "./limits.ts";
import { MoneyReport } from "./money-report.ts";

const suite = new TerminalSuite();
let terminal: TestTerminal;

beforeEach(async () => {
  ({ terminal } = await suite.withCard());
});
afterEach(() => {
  suite.removeAll();
});

const read = () => new MoneyReport(terminal.gateway).read();

/** Count and sum of each stage that holds something. */
function held(): Record<string, string> {
  const stages = read().currencies[0]?.stages.filter(({ count }) => count > 0) ?? [];
  return Object.fromEntries(stages.map(({ stage, saidBy, count, sum }) => [`${stage} ${saidBy}`, `${count} ${sum}`]));
}

async function pay(amount = PRICE): Promise<Uint8Array> {
  const { voucherId } = await terminal.tap(amount);
  if (voucherId === null) throw new Error("the card did not pay");
  return voucherId;
}

/** Settlement has the voucher, and says where it is. */
function take(id: Uint8Array, uploadSeq: number, said: Partial<FollowedState> | null = null): void {
  const { journal } = terminal.gateway;
  journal.write(() => {
    journal.vouchers.pack([id], uploadSeq);
    journal.vouchers.deliver({ id, status: "new", code: null, delivery: "taken" }, terminal.now);
    if (said !== null)
      journal.vouchers.follow(id, { state: "received", batch: null, tx: null, reported: null, ...said }, terminal.now);
  });
}

describe("where the money is", () => {
  it("is told by stage, with who says so; what was reversed is nobody's", async () => {
    const [, second, third, fourth, fifth, sixth] = [
      ...[await pay(1n), await pay(2n), await pay(4n), await pay(8n), await pay(16n), await pay(32n)],
    ];
    const reversed = await terminal.tap(64n);
    terminal.gateway.engine.reverse(reversed.id);
    if (!second || !third || !fourth || !fifth || !sixth) throw new Error("a payment is missing");
    take(second, 1);
    take(third, 2, { state: "batched", batch: "b" });
    take(fourth, 3, { state: "final", reported: "final", tx: `0x${"11".repeat(32)}` });
    take(fifth, 4, { state: "refunded", reported: "final" });
    take(sixth, 5, { state: "withheld" });
    expect(held()).toEqual({
      "terminal terminal": "1 0.000001",
      "received settlement": "1 0.000002",
      "batch settlement": "1 0.000004",
      "vault settlement": "1 0.000008",
      "attention settlement": "1 0.000032",
    });
    const inVault = read().currencies[0]?.stages.find(({ stage, sum }) => stage === "vault" && sum !== "0.00");
    expect(inVault).toMatchObject({
      ...{ oldest: START, newest: START },
      transactions: [{ tx: `0x${"11".repeat(32)}`, block: null, count: 1, sum: "0.000008" }],
    });
    expect(read()).toMatchObject({ payee: toChecksumAddress(payee), currencies: [{ payouts: null, account: null }] });
  });

  it("names settlement's receipts of what it has, and counts a payment whose receipt came alone", async () => {
    const id = await pay();
    const { journal } = terminal.gateway;
    const [domain] = terminal.config.domains;
    if (domain === undefined) throw new Error("there is no domain");
    const kept = { receipt: new Uint8Array(101), signature: new Uint8Array(64), receivedAt: START + 7 };
    const head = new Uint8Array(128);
    const upload = { domainBytes: domain.domainBytes, seq: 1, head, signature: new Uint8Array(64), body: head };
    journal.write(() => {
      journal.uploads.keep(upload, START);
      journal.vouchers.pack([id], 1);
      journal.receipts.keep(domain.domainBytes, 1, kept, START);
    });
    expect(held()).toEqual({ "received settlement": "1 2.50" });
    const received = read().currencies[0]?.stages.find(({ stage }) => stage === "received");
    expect(received?.receipts).toEqual([{ uploadSeq: 1, receivedAt: START + 7, count: 1, sum: "2.50" }]);
  });

  it("moves on with what final blocks show, and the totals of ends are checked at a start", async () => {
    const [first, second, third] = [await pay(1n), await pay(2n), await pay(4n)];
    const { journal } = terminal.gateway;
    const [domain] = terminal.config.domains;
    if (domain === undefined) throw new Error("there is no domain");
    const tx = (fill: string): string => `0x${fill.repeat(32)}`;
    journal.write(() => {
      journal.outcomes.end(first, { kind: "paid", tx: tx("01"), block: 10n }, START);
      journal.outcomes.end(second, { kind: "paid", tx: tx("02"), block: 12n }, START);
      journal.outcomes.end(third, { kind: "compensated", tx: tx("03"), block: 9n }, START);
      journal.payeeEvents.keep(domain.domainBytes, {
        kind: "payout",
        block: 11n,
        logIndex: 0,
        tx: tx("04"),
        units: 1n,
      });
    });
    expect(held()).toEqual({ "vault chain": "1 0.000002", "paid-out chain": "2 0.000005" });
    await terminal.gateway.engine.rest();
    terminal.restart();
    expect(held()).toEqual({ "vault chain": "1 0.000002", "paid-out chain": "2 0.000005" });
  });

  it("is counted anew after some seconds, and not while a payment runs", async () => {
    let isAsking = false;
    const { journal, config, clock, requests } = terminal.gateway;
    const engine = {
      get isAsking() {
        return isAsking;
      },
    };
    const report = new MoneyReport({ journal, config, clock, requests, engine });
    const count = () => report.read().currencies[0]?.stages[0]?.count;
    expect(count()).toBe(0);
    await pay();
    expect(count()).toBe(0);
    isAsking = true;
    terminal.now += MONEY_CACHE_SECONDS;
    expect(count()).toBe(0);
    isAsking = false;
    expect(count()).toBe(1);
    await pay();
    report.forget();
    expect(count()).toBe(2);
  });

  it("says when the terminal claims by itself, where it can", async () => {
    expect(read().currencies[0]?.nextPayout).toBeNull();
    ({ terminal } = await suite.withCard({ claim: payeeAccess }));
    expect(read().currencies[0]?.nextPayout).toBeNull();
    await pay();
    expect(read().currencies[0]?.nextPayout).toBe(START + 7 * DAY - DAY / 2);
  });
});

describe("POST /v1/money/withdraw", () => {
  it("answers the call that pays out, where the terminal has no key for it", async () => {
    const server = await createTestApp(terminal.gateway);
    const withdraw = async (payload: string) => {
      const headers = { host: "127.0.0.1:8300", "content-type": "application/json" };
      const answer = await server.app.inject({ method: "POST", url: "/v1/money/withdraw", headers, payload });
      return JSON.parse(answer.payload) as Record<string, unknown>;
    };
    const [domain] = terminal.config.domains;
    const vault = toHex(domain?.domain.vault ?? new Uint8Array());
    const call = { chainId: "31337", to: vault, data: toHex(withdrawCall(payee)) };
    expect(await withdraw("{}")).toEqual({
      payee: toChecksumAddress(payee),
      payouts: [{ currency: "USDC", state: "call", tx: null, amount: null, call }],
    });
    expect(await withdraw('{"currency":"EURC"}')).toMatchObject({ code: "CURRENCY_NOT_SERVED" });
    await server.close();
  });
});
