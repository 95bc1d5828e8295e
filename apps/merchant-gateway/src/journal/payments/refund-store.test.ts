import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { codeOf, TRIGGER } from "../../../test/harness/codes.ts";
import Database from "better-sqlite3";
import { Journal, type JournalOptions } from "../journal.ts";
import { APPLICATION_ID, migrations } from "../schema/migrations.ts";
import type { RefundRecord, RefundState } from "./refund-store.ts";

const NOW = 1_000;
const PAID = 250n;

let folder: string;
let options: JournalOptions;
let journal: Journal;

function bytes(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-refunds-"));
  options = {
    path: join(folder, "journal.db"),
    witnessPath: join(folder, "journal.witness"),
    identity: { payee: bytes(20, 1), terminalId: bytes(8, 2), terminalKey: bytes(33, 3) },
    now: NOW,
  };
  journal = Journal.open(options);
  pay("t");
});

afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true });
});

function pay(id: string): void {
  const intent = {
    selectAnswer: bytes(234, 4),
    request: bytes(67, 5),
    counter: 1,
    requestTime: NOW,
    pinVerified: false,
  };
  journal.write(() => {
    const money = { amount: PAID, spentBefore: 0n };
    journal.taps.intend({
      id,
      saleId: id,
      lane: "1",
      domainBytes: bytes(28, 9),
      cardKey: bytes(33, 7),
      intent,
      ...money,
      now: NOW,
    });
  });
}

function begin(refundId: string, amount: bigint, state: RefundState = "refunding", tapId = "t"): RefundRecord {
  journal.write(() => {
    journal.refunds.begin({ tapId, refundId, amount, state }, NOW);
  });
  const begun = journal.refunds.byId(tapId, refundId);
  if (begun === null) throw new Error("the refund is not there");
  return begun;
}

function move(refund: RefundRecord, state: RefundState): RefundRecord {
  journal.write(() => {
    journal.refunds.move(refund, { state }, NOW);
  });
  return { ...refund, state };
}

describe("the sum of a payment's refunds", () => {
  it("never exceeds it, in one or in many, and a refused one does not count", () => {
    expect(codeOf(() => begin("much", PAID + 1n))).toBe(TRIGGER);
    begin("a", 200n);
    expect(codeOf(() => begin("b", 51n))).toBe(TRIGGER);
    const b = begin("b", 50n);
    expect(journal.refunds.sum("t")).toBe(PAID);
    move(b, "refused");
    expect(journal.refunds.sum("t")).toBe(200n);
    begin("c", 50n);
    expect(codeOf(() => begin("d", 1n))).toBe(TRIGGER);
  });

  it("is kept even from a caller that goes behind its back", () => {
    begin("a", 100n);
    journal.close();
    const raw = new Database(options.path);
    expect(codeOf(() => raw.exec("UPDATE refund SET amount = 1"))).toBe(TRIGGER);
    expect(codeOf(() => raw.exec("DELETE FROM refund"))).toBe(TRIGGER);
    raw.close();
    journal = Journal.open(options);
  });
});

describe("states of a refund", () => {
  it.each<[RefundState, RefundState]>([
    ["reversed", "releasing"],
    ["reversed", "refunding"],
    ["releasing", "refunding"],
    ["releasing", "refunded"],
    ["releasing", "refused"],
    ["refunding", "refunded"],
    ["refunding", "refused"],
  ])("lets %s become %s", (from, to) => {
    move(begin("a", PAID, from), to);
    expect(journal.refunds.byId("t", "a")?.state).toBe(to);
  });

  it.each<[RefundState, RefundState]>([
    ["reversed", "refused"],
    ["releasing", "reversed"],
    ["refunding", "releasing"],
    ["refunding", "reversed"],
  ])("does not let %s become %s", (from, to) => {
    const refund = begin("a", PAID, from);
    expect(codeOf(() => move(refund, to))).toBe(TRIGGER);
  });

  it.each<RefundState>(["refunded", "refused"])("begin as another than %s, which is the end", (state) => {
    expect(codeOf(() => begin("a", PAID, state))).toBe(TRIGGER);
    const ended = move(begin("a", PAID), state);
    expect(codeOf(() => move(ended, "refunding"))).toBe(TRIGGER);
  });

  it("are in the event log", () => {
    move(begin("a", PAID), "refunded");
    journal.close();
    const raw = new Database(options.path);
    raw.exec("DROP TRIGGER refund_changes; UPDATE refund SET state = 'refused'");
    raw.close();
    expect(codeOf(() => Journal.open(options))).toBe("JOURNAL_CORRUPT");
  });
});

describe("a journal of the first form", () => {
  it("takes refunds after it was brought up to date", () => {
    journal.close();
    const path = join(folder, "old.db");
    const old = new Database(path);
    old.exec(migrations[0]?.sql ?? "");
    old.pragma("user_version = 1");
    old.pragma(`application_id = ${APPLICATION_ID}`);
    old.close();
    journal = Journal.open({ ...options, path, witnessPath: join(folder, "old.witness") });
    expect(existsSync(`${path}.form1`)).toBe(true);
    pay("t");
    expect(begin("a", PAID)).toMatchObject({ amount: PAID, state: "refunding", tx: null });
  });
});
