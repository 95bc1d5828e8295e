import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import Database from "better-sqlite3";
import { codeOf, Killed, TRIGGER } from "../../test/harness/codes.ts";
import { Journal, type JournalOptions } from "./journal.ts";
import { migrations } from "./schema/migrations.ts";
import type { VoucherRecord } from "./payments/voucher-record.ts";

/** Runs of random steps, each with a seed of its own, and steps of each. */
const RUNS = 5;
const STEPS = 60;

let folder: string;
let options: JournalOptions;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-totals-"));
  options = {
    path: join(folder, "journal.db"),
    witnessPath: join(folder, "journal.witness"),
    identity: { payee: bytes(20, 1), terminalId: bytes(8, 2), terminalKey: bytes(33, 3) },
    now: 1_000,
  };
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const domains = [bytes(28, 9), bytes(28, 8)] as const;
const cards = [bytes(33, 5), bytes(33, 6), bytes(33, 7)] as const;

function bytes(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

/** Numbers from 0 to below `bound`, the same for the same seed (mulberry32). */
function randomOf(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

type Random = ReturnType<typeof randomOf>;

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random(values.length)];
  if (value === undefined) throw new Error("nothing to pick from");
  return value;
}

/** A payment of which the voucher is kept at once. */
function pay(journal: Journal, random: Random, number: number): Uint8Array {
  const id = bytes(32, 0);
  new DataView(id.buffer).setUint32(0, number + 1);
  const tapId = `tap-${number}`;
  const domainBytes = pick(random, domains);
  const cardKey = pick(random, cards);
  const amount = BigInt(1 + random(1_000));
  const reversed = random(8) === 0;
  const intent = { selectAnswer: bytes(234, 4), request: bytes(67, 5), requestTime: 1_000 + random(500) };
  const tap = { id: tapId, saleId: tapId, lane: "1", domainBytes, amount, cardKey, spentBefore: 0n, now: 1 };
  journal.taps.intend({ ...tap, intent: { ...intent, counter: number + 1, pinVerified: false } });
  journal.taps.finish({
    ...{ id: tapId, from: "intent", to: "accepted", saleOpen: false, code: null, sw: null, apdus: 1 },
    ...{ answer: null, voucherId: id, spentAfter: null, now: 1 },
  });
  const voucher = { id, tapId, domainBytes, cardKey, counter: number + 1, amount, requestTime: intent.requestTime };
  const software = cardKey === cards[0];
  journal.vouchers.keep({ ...voucher, software, reversed, entry: bytes(382, 1) }, 1);
  return id;
}

/** What the terminal knows beside the record: whether it was packed when it was reversed. */
type Known = { readonly id: Uint8Array; late: boolean };

/** One random step of one voucher, along the ways that the programs go. */
function step(journal: Journal, random: Random, known: Known): void {
  const record = journal.vouchers.byId(known.id);
  if (record === null) throw new Error("a voucher has left the journal");
  const { id, tapId, delivery, uploadSeq, domainBytes, reversed } = record;
  switch (random(7)) {
    case 0:
      return journal.vouchers.pack([id], 1 + random(9));
    case 1: {
      if (uploadSeq === null) return;
      const to = pick(random, ["taken", "taken", "disputed"] as const);
      return journal.vouchers.deliver({ id, status: pick(random, ["new", "forked"]), code: null, delivery: to }, 2);
    }
    case 2: {
      if (delivery === "unsent" || delivery === "packed") return;
      const state = pick(random, ["batched", "final", "compensated", "cancelled", "forked"]);
      const reported = pick(random, [null, "final", "reversed"] as const);
      return journal.vouchers.follow(id, { state, batch: null, tx: null, reported }, 3);
    }
    case 3:
      if (reversed) return;
      known.late = uploadSeq !== null;
      return journal.reversals.add({ id: tapId, domainBytes }, 4);
    case 4:
      if (random(3) > 0) return;
      return journal.outcomes.end(
        id,
        { kind: pick(random, ["paid", "released", "compensated"] as const), tx: "0x1", block: 7n },
        5,
      );
    case 5:
      return journal.outcomes.claimed(id, pick(random, ["0x2", null]), 6);
    default:
      return journal.outcomes.rival(id, "0x3", 7);
  }
}

/** The sums of spec §5.4 counted one by one from the records. */
function counted(journal: Journal, known: readonly Known[]) {
  const records = known.map(({ id, late }) => {
    const record = journal.vouchers.byId(id);
    if (record === null) throw new Error("a voucher has left the journal");
    return { ...record, late };
  });
  const isOpen = ({ delivery, reported, reversed, late }: VoucherRecord & { late: boolean }): boolean =>
    delivery !== "final" && reported !== "final" && (!reversed || (late && reported !== "reversed"));
  const isCompensated = ({ outcome, reported, settlementState }: VoucherRecord): boolean =>
    outcome === null ? reported === "final" && settlementState === "compensated" : outcome.kind === "compensated";
  const sum = (of: readonly VoucherRecord[]): bigint => of.reduce((total, { amount }) => total + amount, 0n);
  return domains.map((domainBytes) => {
    const own = records.filter((each) => each.domainBytes[0] === domainBytes[0]);
    const unsent = own.filter(
      ({ delivery, reversed }) => (delivery === "unsent" || delivery === "packed") && !reversed,
    );
    const times = unsent.map(({ requestTime }) => requestTime);
    return {
      unsent: {
        count: unsent.length,
        sum: sum(unsent),
        oldestTime: times.length === 0 ? null : Math.min(...times),
      },
      software: sum(own.filter((each) => each.software && (isOpen(each) || isCompensated(each)))),
      cards: cards.map((card) => sum(own.filter((each) => each.cardKey[0] === card[0] && isOpen(each)))),
    };
  });
}

function shown({ vouchers }: Journal) {
  return domains.map((domainBytes) => ({
    unsent: vouchers.unsent(domainBytes),
    software: vouchers.openSoftwareSum(domainBytes),
    cards: cards.map((card) => vouchers.openSum(domainBytes, card)),
  }));
}

describe("the running totals", () => {
  it.each(Array.from({ length: RUNS }, (_, seed) => seed))(
    "equal a recount after random steps and crashes, seed %i",
    (seed) => {
      const random = randomOf(seed);
      let journal = Journal.open(options);
      const known: Known[] = [];
      for (let at = 0; at < STEPS; at += 1) {
        // A crash takes back the whole step; a restart counts anew and stops where that differs.
        const crashes = random(5) === 0;
        const before = known.map(({ late }) => late);
        const added: Known[] = [];
        const work = (): void => {
          journal.write(() => {
            if (known.length < 3 || random(3) === 0)
              added.push({ id: pay(journal, random, known.length + added.length), late: false });
            for (let turn = 0; turn < 4; turn += 1) step(journal, random, pick(random, [...known, ...added]));
            if (crashes) throw new Killed();
          });
        };
        if (crashes) {
          expect(codeOf(work)).toBe("KILLED");
          known.forEach((each, index) => (each.late = before[index] ?? false));
        } else {
          work();
          known.push(...added);
        }
        expect(shown(journal)).toEqual(counted(journal, known));
        if (random(10) > 0) continue;
        journal.close();
        journal = Journal.open(options);
      }
      journal.close();
    },
  );

  it.each([
    ["a currency's", "UPDATE voucher_total SET unsent_sum = unsent_sum + 1"],
    ["a card's", "UPDATE card_total SET open_sum = 0 WHERE open_sum > 0"],
    ["a voucher's", "DROP TRIGGER voucher_counted_anew; UPDATE voucher SET cancelled = 1"],
    ["a missing", "DELETE FROM card_total"],
    ["a strange", "INSERT INTO card_total VALUES (zeroblob(33), zeroblob(28), 5)"],
  ])("stop the start where %s total differs from a recount", (_name, sql) => {
    const journal = Journal.open(options);
    journal.write(() => {
      for (let number = 0; number < 8; number += 1) pay(journal, randomOf(number), number);
    });
    journal.close();
    const raw = new Database(options.path);
    raw.exec(sql);
    raw.close();
    expect(codeOf(() => Journal.open(options))).toBe("JOURNAL_TOTALS_DIFFER");
  });

  it("leave no way to an end but a final block", () => {
    const journal = Journal.open(options);
    journal.write(() => void pay(journal, randomOf(1), 0));
    journal.close();
    const raw = new Database(options.path);
    expect(codeOf(() => raw.exec("UPDATE voucher SET delivery = 'final'"))).toBe(TRIGGER);
    raw.exec("UPDATE voucher SET delivery = 'final', outcome = 'paid', outcome_tx = '0x1', outcome_block = 1");
    expect(codeOf(() => raw.exec("UPDATE voucher SET outcome = 'released'"))).toBe(TRIGGER);
    raw.close();
  });
});

describe("named transactions", () => {
  it("are looked up in every pass for new payments, and now and then for older ones", () => {
    const journal = Journal.open(options);
    const [domainBytes] = domains;
    journal.write(() => {
      const id = pay(journal, () => 0, 0);
      journal.vouchers.follow(id, { state: "mined", batch: null, tx: "0x1", reported: null }, 2_000);
      journal.outcomes.checked([id], 5_000);
    });
    const found = (since: number, checkedBefore: number): number =>
      journal.outcomes.toCheck(domainBytes, 10, { since, checkedBefore }).length;
    expect([found(1_000, 0), found(1_001, 4_999), found(1_001, 5_000), found(1_000, 5_000)]).toEqual([1, 0, 1, 1]);
    journal.close();
  });
});

describe("a journal of the schema before", () => {
  it("is brought up to date with every entry, its chain and its witness, and its ends are asked of the chain", () => {
    const text = readFileSync(new URL("../../test/fixtures/journal-of-schema-7.sql", import.meta.url), "utf8");
    const raw = new Database(options.path);
    raw.exec(text);
    const before = raw.prepare("SELECT * FROM event ORDER BY seq").all();
    const entries = raw.prepare("SELECT id, entry, amount FROM voucher ORDER BY rowid").all();
    const owner = raw.prepare("SELECT payee, terminal_id, terminal_key FROM identity").get() as Record<string, Buffer>;
    raw.close();
    writeFileSync(options.witnessPath, `${text.trim().split("\n").at(-1)?.slice(3) ?? ""}\n`);
    const [payee, terminalId, terminalKey] = [owner["payee"], owner["terminal_id"], owner["terminal_key"]];
    if (payee === undefined || terminalId === undefined || terminalKey === undefined) throw new Error("no owner");

    const journal = Journal.open({ ...options, identity: { payee, terminalId, terminalKey } });
    const { vouchers, outcomes, receipts } = journal;
    const [first] = [...outcomes.notFinal(new Uint8Array(28))];
    expect(first).toBeUndefined();
    const domainBytes = vouchers.byId(entryId(entries[0]))?.domainBytes ?? new Uint8Array(28);
    const states = [...outcomes.notFinal(domainBytes)]
      .flat()
      .map(({ amount, delivery, reported, claimTx, reversed }) => [
        Number(amount) / 1_000_000,
        delivery,
        reported,
        claimTx?.slice(0, 4) ?? null,
        reversed,
      ]);
    expect(states).toEqual([
      [1, "taken", "final", null, false],
      [2, "taken", "final", null, false],
      [3, "taken", null, null, false],
      [4, "taken", null, "0x33", false],
      [5, "taken", null, null, false],
      [7, "disputed", null, null, false],
      [6, "taken", null, null, true],
      [8, "packed", null, null, false],
      [9, "unsent", null, null, false],
      [5.5, "unsent", null, null, false],
      [10, "unsent", null, null, true],
    ]);
    expect(vouchers.unsent(domainBytes)).toMatchObject({ count: 3, sum: 22_500_000n });
    expect(vouchers.openSoftwareSum(domainBytes)).toBe(10_500_000n);
    // The first card's reversal came after its voucher was sent, so that one is still open.
    const cardKey = vouchers.byId(entryId(entries[0]))?.cardKey ?? new Uint8Array(33);
    expect(vouchers.openSum(domainBytes, cardKey)).toBe(3_000_000n + 6_000_000n + 8_000_000n);
    expect(outcomes.toCheck(domainBytes, 10, { since: 0, checkedBefore: 0 }).map(({ amount }) => amount)).toEqual([
      1_000_000n,
      2_000_000n,
      4_000_000n,
    ]);
    expect(receipts.of(domainBytes, 1)).not.toBeNull();
    // An upload with these arrived, so the later time counts for them.
    expect(outcomes.isClaimDue(domainBytes, { withReceipt: 0, withoutReceipt: 1_790_000_420 })).toBe(false);
    expect(outcomes.isClaimDue(domainBytes, { withReceipt: 1_790_000_060, withoutReceipt: 0 })).toBe(true);
    journal.close();

    const after = new Database(options.path, { readonly: true });
    expect(after.prepare("SELECT * FROM event ORDER BY seq").all().slice(0, before.length)).toEqual(before);
    expect(after.prepare("SELECT kind, state FROM event ORDER BY seq DESC LIMIT 1").get()).toEqual({
      kind: "upgrade",
      state: String(migrations.at(-1)?.version),
    });
    expect(after.prepare("SELECT id, entry, amount FROM voucher ORDER BY rowid").all()).toEqual(entries);
    after.close();
    expect(codeOf(() => Journal.open({ ...options, identity: { payee, terminalId, terminalKey } }).close())).toBe(
      "nothing thrown",
    );
  });
});

function entryId(row: unknown): Uint8Array {
  return Uint8Array.from((row as { readonly id: Buffer }).id);
}
