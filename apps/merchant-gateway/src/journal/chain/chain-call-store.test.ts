import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { codeOf, TRIGGER, UNIQUE } from "../../../test/harness/codes.ts";
import Database from "better-sqlite3";
import type { CallPurpose, ChainCallRecord } from "./chain-call-store.ts";
import type { RefundKey } from "../payments/refund-store.ts";
import { EventLog } from "../events/event-log.ts";
import { Statements } from "../events/statements.ts";
import { Journal, type JournalOptions } from "../journal.ts";
import { APPLICATION_ID, migrations } from "../schema/migrations.ts";

const NOW = 1_000;
const refund: RefundKey = { tapId: "t", refundId: "a" };
const account = bytes(20, 1);
const domainBytes = bytes(28, 9);

let folder: string;
let options: JournalOptions;
let journal: Journal;

function bytes(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

/** A paid tap with a refund on its way. */
function payAndRefund(): void {
  const seen = { selectAnswer: bytes(234, 4), request: bytes(67, 5), counter: 1, requestTime: NOW, pinVerified: false };
  const tap = {
    id: "t",
    saleId: "t",
    lane: "1",
    domainBytes,
    cardKey: bytes(33, 7),
    amount: 250n,
    spentBefore: 0n,
    now: NOW,
  };
  journal.write(() => {
    journal.taps.intend({ ...tap, intent: seen });
    journal.refunds.begin({ ...refund, amount: 250n, state: "refunding" }, NOW);
  });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-calls-"));
  options = {
    path: join(folder, "journal.db"),
    witnessPath: join(folder, "journal.witness"),
    identity: { payee: bytes(20, 1), terminalId: bytes(8, 2), terminalKey: bytes(33, 3) },
    now: NOW,
  };
  journal = Journal.open(options);
  payAndRefund();
});

afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true });
});

function begin(hash: string, purpose: CallPurpose, nonce = 7, whose: RefundKey | null = refund): ChainCallRecord {
  journal.write(() => {
    journal.chainCalls.begin({ domainBytes, refund: whose, purpose, account, nonce }, { hash, raw: bytes(3, 1) }, NOW);
  });
  const call = journal.chainCalls.byId(hash);
  if (call === null) throw new Error("the call is not there");
  return call;
}

describe("calls of a refund", () => {
  it("are one at a time, and the one that returns value is the last", () => {
    const approval = begin("0x01", "approve");
    expect(codeOf(() => begin("0x02", "refund"))).toBe(UNIQUE);
    journal.chainCalls.end(approval, "done", NOW);
    const given = begin("0x02", "refund");
    expect(journal.chainCalls.ofRefund(refund)).toEqual(given);
    journal.chainCalls.end(given, "done", NOW);
    expect(journal.chainCalls.ofRefund(refund)).toBeNull();
    expect(codeOf(() => begin("0x03", "refund"))).toBe(UNIQUE);
    expect(codeOf(() => begin("0x04", "release"))).toBe(UNIQUE);
  });

  it("that failed or were lost may be followed by another", () => {
    for (const [hash, how] of [
      ["0x01", "failed"],
      ["0x02", "lost"],
      ["0x03", "failed"],
    ] as const)
      journal.chainCalls.end(begin(hash, "refund"), how, NOW);
    expect(journal.chainCalls.failures(refund)).toBe(2);
    expect(begin("0x04", "refund").id).toBe("0x04");
  });

  it("keep their nonce for their account and chain until their end is known", () => {
    expect(journal.chainCalls.highestLiveNonce(account, domainBytes)).toBeNull();
    const call = begin("0x01", "refund", 12);
    begin("0x02", "settle", 9, null);
    expect(journal.chainCalls.highestLiveNonce(account, domainBytes)).toBe(12);
    expect(journal.chainCalls.highestLiveNonce(account, bytes(28, 8))).toBeNull();
    expect(journal.chainCalls.highestLiveNonce(bytes(20, 2), domainBytes)).toBeNull();
    journal.chainCalls.end(call, "lost", NOW);
    expect(journal.chainCalls.highestLiveNonce(account, domainBytes)).toBe(9);
  });
});

describe("transactions of a call", () => {
  it("are kept in their order, and none is added once the call is at its end", () => {
    const call = begin("0x01", "refund");
    journal.chainCalls.replace(call, { hash: "0x02", raw: bytes(3, 2) }, NOW + 5);
    const known = journal.chainCalls.ofRefund(refund);
    expect(known?.transactions.map(({ hash, storedAt }) => [hash, storedAt])).toEqual([
      ["0x01", NOW],
      ["0x02", NOW + 5],
    ]);
    // A caller with an old view of the call would number two replacements alike.
    expect(codeOf(() => journal.chainCalls.replace(call, { hash: "0x03", raw: bytes(3, 3) }, NOW))).toBe(TRIGGER);
    journal.chainCalls.end(call, "done", NOW);
    expect(
      codeOf(() => known !== null && journal.chainCalls.replace(known, { hash: "0x03", raw: bytes(3, 3) }, NOW)),
    ).toBe(TRIGGER);
  });

  it("and calls are never changed or forgotten, and their end is in the event log", () => {
    const call = begin("0x01", "refund");
    journal.close();
    const raw = new Database(options.path);
    expect(codeOf(() => raw.exec("UPDATE chain_transaction SET raw = x'00'"))).toBe(TRIGGER);
    expect(codeOf(() => raw.exec("DELETE FROM chain_transaction"))).toBe(TRIGGER);
    expect(codeOf(() => raw.exec("DELETE FROM chain_call"))).toBe(TRIGGER);
    expect(codeOf(() => raw.exec("UPDATE chain_call SET nonce = 1"))).toBe(TRIGGER);
    raw.exec("UPDATE chain_call SET state = 'lost'");
    raw.close();
    expect(codeOf(() => Journal.open(options))).toBe("JOURNAL_CORRUPT");
    expect(call.refund).toEqual(refund);
  });
});

describe("calls of claims", () => {
  it("are many, in the order of their nonces, each account by itself", () => {
    begin("0x02", "withdraw", 8, null);
    begin("0x01", "settle", 7, null);
    begin("0x03", "refund", 9);
    expect(journal.chainCalls.ofClaims(domainBytes, account).map(({ id }) => id)).toEqual(["0x01", "0x02"]);
    expect(journal.chainCalls.ofClaims(domainBytes, bytes(20, 2))).toEqual([]);
    expect(journal.chainCalls.hasClaims(domainBytes)).toBe(true);
    expect(journal.chainCalls.hasClaims(bytes(28, 8))).toBe(false);
  });
});

describe("a journal whose refunds had one transaction each", () => {
  it("keeps them, and a live one can be replaced", () => {
    journal.close();
    const path = join(folder, "old.db");
    const old = { ...options, path, witnessPath: join(folder, "old.witness") };
    const raw = new Database(path);
    for (const { sql } of migrations.slice(0, 3)) raw.exec(sql);
    raw.pragma("user_version = 3");
    raw.pragma(`application_id = ${APPLICATION_ID}`);
    raw
      .prepare(
        `INSERT INTO tap (id, sale_id, sale_open, state, domain, amount, created_at, changed_at, request)
         VALUES ('t', 't', 1, 'intent', ?, 250, 1, 1, ?)`,
      )
      .run(domainBytes, bytes(67, 5));
    raw.exec(
      "INSERT INTO refund (tap_id, refund_id, amount, state, made_at, changed_at) VALUES ('t', 'a', 250, 'refunding', 1, 1)",
    );
    raw
      .prepare(
        `INSERT INTO chain_action (hash, tap_id, refund_id, purpose, account, nonce, raw, state, made_at)
         VALUES ('0x01', 't', 'a', 'refund', ?, 7, x'010101', 'signed', ?)`,
      )
      .run(account, NOW);
    // The old schema had no events of calls.
    const events = new EventLog(new Statements(raw));
    events.append({ at: 1, kind: "tap", subject: "t", state: "intent", details: {} });
    events.append({ at: 1, kind: "refund", subject: "t/a", state: "refunding", details: {} });
    raw.close();
    journal = Journal.open(old);
    const call = journal.chainCalls.ofRefund(refund);
    expect(call).toEqual({
      ...{ id: "0x01", domainBytes, refund, purpose: "refund", account, nonce: 7, nonceTaken: false },
      transactions: [{ hash: "0x01", raw: bytes(3, 1), storedAt: NOW }],
    });
    if (call !== null) journal.chainCalls.replace(call, { hash: "0x02", raw: bytes(3, 2) }, NOW);
    expect(journal.chainCalls.ofRefund(refund)?.transactions).toHaveLength(2);
  });
});
