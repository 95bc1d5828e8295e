import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { codeOf, TRIGGER, UNIQUE } from "../../test/harness/codes.ts";
import Database from "better-sqlite3";
import { Journal, type JournalOptions } from "./journal.ts";
import { migrations } from "./schema/migrations.ts";
import type { TapState } from "./payments/tap-record.ts";

let folder: string;
let options: JournalOptions;
let opened: Journal[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallystick-journal-"));
  options = {
    path: join(folder, "journal.db"),
    witnessPath: join(folder, "journal.witness"),
    identity: { payee: bytes(20, 1), terminalId: bytes(8, 2), terminalKey: bytes(33, 3) },
    now: 1_000,
  };
  opened = [];
});

afterEach(() => {
  for (const journal of opened) journal.close();
  rmSync(folder, { recursive: true });
});

const domainBytes = bytes(28, 9);

function bytes(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

function open(changes: Partial<JournalOptions> = {}): Journal {
  const journal = Journal.open({ ...options, ...changes });
  opened.push(journal);
  return journal;
}

function intend(journal: Journal, id: string, counter = 5): void {
  journal.write(() => {
    journal.taps.intend({
      id,
      saleId: `sale-${id}`,
      lane: "1",
      domainBytes,
      amount: 250n,
      cardKey: bytes(33, 7),
      intent: { selectAnswer: bytes(234, 4), request: bytes(67, 5), counter, requestTime: 1_000, pinVerified: false },
      spentBefore: 100n,
      now: 1_000,
    });
  });
}

function finish(journal: Journal, id: string, from: TapState, to: TapState, saleOpen = false): void {
  journal.write(() => {
    journal.taps.finish({
      id,
      from,
      to,
      saleOpen,
      code: null,
      sw: "9000",
      apdus: 2,
      answer: bytes(48, 6),
      voucherId: to === "accepted" ? bytes(32, 8) : null,
      spentAfter: to === "accepted" ? 350n : null,
      now: 1_001,
    });
  });
}

/** Brings tap "t" from its intent to a state. */
function reach(journal: Journal, state: TapState): void {
  if (state === "intent") return;
  if (state === "expired" || state === "reversed") finish(journal, "t", "intent", "unresolved");
  finish(journal, "t", state === "expired" || state === "reversed" ? "unresolved" : "intent", state);
}

describe("the journal's file", () => {
  const modes = () => ["", "-wal"].map((end) => statSync(`${options.path}${end}`).mode & 0o777);

  it("is its owner's alone, and becomes so where it was not", () => {
    intend(open(), "t-1");
    expect(modes()).toEqual([0o600, 0o600]);
    opened.pop()?.close();
    chmodSync(options.path, 0o644);
    open();
    expect(modes()).toEqual([0o600, 0o600]);
  });
});

describe("states of a tap", () => {
  it.each<[TapState, TapState]>([
    ["intent", "unresolved"],
    ["intent", "accepted"],
    ["intent", "refused"],
    ["unresolved", "accepted"],
    ["unresolved", "refused"],
    ["unresolved", "expired"],
    ["unresolved", "reversed"],
    ["refused", "reversed"],
    ["expired", "reversed"],
  ])("lets %s become %s", (from, to) => {
    const journal = open();
    intend(journal, "t");
    reach(journal, from);
    finish(journal, "t", from, to);
    expect(journal.taps.byId("t")?.state).toBe(to);
  });

  it.each<[TapState, TapState]>([
    ["accepted", "unresolved"],
    ["accepted", "refused"],
    ["refused", "accepted"],
    ["expired", "accepted"],
    ["accepted", "reversed"],
    ["reversed", "accepted"],
    ["reversed", "unresolved"],
  ])("does not let %s become %s", (from, to) => {
    const journal = open();
    intend(journal, "t");
    reach(journal, from);
    expect(
      codeOf(() => {
        finish(journal, "t", from, to);
      }),
    ).toBe(TRIGGER);
    expect(journal.taps.byId("t")?.state).toBe(from);
  });

  it("refuses a change that expects another state than the row has", () => {
    const journal = open();
    intend(journal, "t");
    expect(
      codeOf(() => {
        finish(journal, "t", "unresolved", "accepted");
      }),
    ).toBe("JOURNAL_STATE_CONFLICT");
  });

  it("keeps one sale open and never two", () => {
    const journal = open();
    intend(journal, "a");
    expect(journal.taps.openSale("1")?.id).toBe("a");
    expect(
      codeOf(() => {
        intend(journal, "b");
      }),
    ).toBe(UNIQUE);
    const tap = journal.taps.byId("a");
    if (tap === null) throw new Error("tap a is gone");
    journal.write(() => {
      journal.taps.closeSale(tap, 1_002);
    });
    intend(journal, "b");
    expect(journal.taps.openSale("1")?.id).toBe("b");
    expect(journal.taps.unresolvedOf(domainBytes, bytes(33, 7)).map((each) => each.id)).toEqual(["a", "b"]);
  });

  it("deletes nothing and changes no event", () => {
    const journal = open();
    intend(journal, "t");
    journal.close();
    const raw = new Database(options.path);
    for (const sql of ["DELETE FROM tap", "DELETE FROM event", "UPDATE event SET state = 'accepted'"]) {
      expect(codeOf(() => raw.exec(sql))).toBe(TRIGGER);
    }
    raw.close();
  });
});

describe("delivery of a voucher", () => {
  const order = ["unsent", "packed", "taken", "disputed", "final"] as const;
  const allowed = new Set([
    "unsent packed",
    "unsent final",
    "packed final",
    "packed taken",
    "packed disputed",
    "taken final",
    "taken disputed",
    "disputed taken",
    "disputed final",
  ]);
  const pairs = order.flatMap((before) =>
    order.filter((after) => after !== before).map((after) => [before, after] as const),
  );

  it.each(pairs)("from %s to %s only along the table", (before, after) => {
    const journal = open();
    intend(journal, "t");
    finish(journal, "t", "intent", "accepted");
    const voucher = {
      id: bytes(32, 8),
      tapId: "t",
      domainBytes,
      cardKey: bytes(33, 7),
      counter: 5,
      amount: 250n,
      requestTime: 1_000,
    };
    journal.write(() => {
      journal.vouchers.keep({ ...voucher, software: false, reversed: false, entry: bytes(382, 1) }, 1_001);
    });
    journal.close();
    const raw = new Database(options.path);
    for (const state of {
      unsent: [],
      packed: ["packed"],
      taken: ["packed", "taken"],
      disputed: ["packed", "disputed"],
      final: ["packed", "taken", "final"],
    }[before]) {
      raw.exec(moveTo(state));
    }
    const move = (): unknown => raw.exec(moveTo(after));
    if (allowed.has(`${before} ${after}`)) expect(move).not.toThrow();
    else expect(codeOf(move)).toBe(TRIGGER);
    raw.close();
  });

  /** What a final block shows comes with the state alone. */
  function moveTo(state: string): string {
    const shown = state === "final" ? `, outcome = 'paid', outcome_tx = '0x1', outcome_block = 1` : "";
    return `UPDATE voucher SET delivery = '${state}'${shown}`;
  }
});

describe("opening a journal", () => {
  it("finds everything again after a restart", () => {
    const first = open();
    intend(first, "t");
    finish(first, "t", "intent", "accepted");
    first.close();
    const tap = open().taps.byId("t");
    expect(tap).toMatchObject({
      state: "accepted",
      amount: 250n,
      spentBefore: 100n,
      spentAfter: 350n,
      apdus: 2,
      saleOpen: false,
    });
    expect(tap?.intent?.request).toEqual(bytes(67, 5));
  });

  it("survives being left without a close", () => {
    const first = open();
    intend(first, "t");
    const copy = join(folder, "copy.db");
    copyFileSync(options.path, copy);
    copyFileSync(`${options.path}-wal`, `${copy}-wal`);
    expect(open({ path: copy }).taps.byId("t")?.state).toBe("intent");
  });

  it("is used by one gateway at a time", () => {
    open();
    expect(codeOf(() => open())).toBe("JOURNAL_IN_USE");
  });

  it("refuses a newer form and leaves it alone", () => {
    open().close();
    const raw = new Database(options.path);
    raw.pragma("user_version = 999");
    raw.close();
    const before = readFileSync(options.path);
    expect(codeOf(() => open())).toBe("JOURNAL_NEWER");
    expect(readFileSync(options.path).equals(before)).toBe(true);
  });

  it("refuses what is not a journal", () => {
    writeFileSync(options.path, "this is a text and no database, long enough to have a header of its own");
    expect(codeOf(() => open())).toBe("JOURNAL_NOT_A_JOURNAL");
    rmSync(options.path);
    const other = new Database(options.path);
    other.exec("CREATE TABLE something (x)");
    other.close();
    expect(codeOf(() => open())).toBe("JOURNAL_NOT_A_JOURNAL");
  });

  it("refuses another terminal's journal", () => {
    open().close();
    for (const change of [{ payee: bytes(20, 8) }, { terminalId: bytes(8, 8) }, { terminalKey: bytes(33, 8) }]) {
      expect(codeOf(() => open({ identity: { ...options.identity, ...change } }))).toBe("JOURNAL_OTHER_TERMINAL");
    }
  });

  it.each([
    ["an event's text", "UPDATE event SET body = '{}' WHERE seq = 1", "event_fixed"],
    ["a tap's state", "UPDATE tap SET state = 'accepted', voucher_id = zeroblob(32)", "tap_changes"],
  ])("notices that %s was changed behind its back", (_, sql, trigger) => {
    const first = open();
    intend(first, "t");
    first.close();
    const raw = new Database(options.path);
    raw.exec(`DROP TRIGGER ${trigger}`);
    raw.exec(sql);
    raw.close();
    expect(codeOf(() => open())).toBe("JOURNAL_CORRUPT");
  });

  it("refuses a damaged file", () => {
    const first = open();
    for (let index = 0; index < 40; index += 1) {
      intend(first, `t${index}`, index + 1);
      finish(first, `t${index}`, "intent", "refused");
    }
    first.close();
    const damaged = readFileSync(options.path);
    damaged.fill(0xa5, 8_192, 24_576);
    writeFileSync(options.path, damaged);
    expect(codeOf(() => open())).toBe("JOURNAL_CORRUPT");
  });

  it("refuses an older copy that was put back, until a person accepts it", () => {
    const first = open();
    intend(first, "a");
    finish(first, "a", "intent", "refused");
    first.close();
    const old = readFileSync(options.path);
    const second = open();
    intend(second, "b");
    second.close();
    writeFileSync(options.path, old);
    expect(codeOf(() => open())).toBe("JOURNAL_RESTORED");
    open({ acceptRestored: true }).close();
    expect(open().taps.byId("a")?.state).toBe("refused");
  });

  it("refuses a new empty journal where the witness knows another one", () => {
    open().close();
    rmSync(options.path);
    expect(codeOf(() => open())).toBe("JOURNAL_RESTORED");
  });
});

describe("bringing a journal up to date", () => {
  it("keeps a copy, runs only the new steps and loses nothing", () => {
    const first = open();
    intend(first, "t");
    first.close();
    const newest = migrations.at(-1)?.version ?? 0;
    const steps = [...migrations, { version: newest + 1, sql: "CREATE TABLE later (x INTEGER) STRICT;" }];
    const second = open({ migrations: steps });
    expect(second.taps.byId("t")?.state).toBe("intent");
    second.close();
    const copy = new Database(`${options.path}.form${newest}`, { readonly: true });
    expect(copy.pragma("user_version", { simple: true })).toBe(newest);
    expect(copy.prepare("SELECT count(*) AS count FROM tap").get()).toEqual({ count: 1 });
    copy.close();
    expect(codeOf(() => open())).toBe("JOURNAL_NEWER");
  });

  it("leaves the journal as it was when a step fails", () => {
    open().close();
    const newest = migrations.at(-1)?.version ?? 0;
    const steps = [
      ...migrations,
      { version: newest + 1, sql: "CREATE TABLE later (x INTEGER) STRICT; SELECT no_such_function();" },
    ];
    expect(codeOf(() => open({ migrations: steps }))).toBe("JOURNAL_UNREADABLE");
    expect(codeOf(() => open())).toBe("nothing thrown");
  });
});

describe("what the terminal has learned", () => {
  it("raises the clock floor by itself only, for each domain", () => {
    const journal = open();
    for (const seconds of [500, 400]) {
      journal.write(() => {
        journal.clockFloor.raiseLocal(domainBytes, seconds);
      });
    }
    expect(journal.clockFloor.read(domainBytes)).toEqual({ signed: 0, local: 500 });
    expect(journal.clockFloor.read(bytes(28, 8))).toEqual({ signed: 0, local: 0 });
  });

  it("raises its signed part by a head whose number is above all before", () => {
    const journal = open();
    const signedAfter = (seq: number, issuedAt: number): number => {
      journal.write(() => {
        journal.clockFloor.raiseSigned(domainBytes, { seq, issuedAt });
      });
      return journal.clockFloor.read(domainBytes).signed;
    };
    expect([signedAfter(5, 700), signedAfter(5, 900), signedAfter(4, 900), signedAfter(6, 600)]).toEqual([
      ...[400, 400, 400, 400],
    ]);
    expect(signedAfter(7, 800)).toBe(500);
  });

  it("lowers it by a live answer whose receipt it holds, as an entry, and by nothing else", () => {
    const journal = open();
    const answer = (uploadSeq: number): void => {
      journal.write(() => {
        journal.clockFloor.answer(domainBytes, { time: 2_000, uploadSeq, now: 9_000 });
      });
    };
    journal.write(() => {
      journal.clockFloor.raiseLocal(domainBytes, 9_000);
      journal.clockFloor.raiseSigned(domainBytes, { seq: 1, issuedAt: 8_000 });
    });
    expect(codeOf(() => answer(1))).toBe(TRIGGER);
    expect(journal.clockFloor.read(domainBytes)).toEqual({ signed: 7_700, local: 9_000 });
    journal.write(() => {
      const upload = { domainBytes, seq: 1, head: bytes(128, 1), signature: bytes(64, 1), body: bytes(20, 1) };
      journal.uploads.keep(upload, 9_000);
      journal.receipts.keep(domainBytes, 1, { receipt: bytes(101, 1), signature: bytes(64, 2), receivedAt: 2_000 }, 1);
    });
    answer(1);
    expect(journal.clockFloor.read(domainBytes)).toEqual({ signed: 1_700, local: 1_700 });
    journal.close();
    const raw = new Database(options.path, { readonly: true });
    const lowered = raw.prepare("SELECT body FROM event WHERE kind = 'clock' AND state = 'lowered' ORDER BY seq").all();
    raw.close();
    expect(lowered.map((row) => JSON.parse((row as { body: string }).body) as unknown)).toEqual([
      { from: 7_700, to: 1_700, uploadSeq: 1 },
      { from: 9_000, to: 1_700, uploadSeq: 1 },
    ]);
    expect(open().clockFloor.read(domainBytes)).toEqual({ signed: 1_700, local: 1_700 });
  });

  it("stays where a live answer is not before it", () => {
    const journal = open();
    journal.write(() => {
      journal.clockFloor.raiseLocal(domainBytes, 2_000);
      journal.clockFloor.answer(domainBytes, { time: 2_000, uploadSeq: 1, now: 9_000 });
    });
    expect(journal.clockFloor.read(domainBytes)).toEqual({ signed: 1_700, local: 2_000 });
  });

  it("never changes or forgets a receipt", () => {
    const journal = open();
    const kept = { receipt: bytes(101, 1), signature: bytes(64, 2), receivedAt: 2_000 };
    journal.write(() => {
      const upload = { domainBytes, seq: 1, head: bytes(128, 1), signature: bytes(64, 1), body: bytes(20, 1) };
      journal.uploads.keep(upload, 9_000);
      journal.receipts.keep(domainBytes, 1, kept, 1);
      journal.receipts.keep(domainBytes, 1, { ...kept, receivedAt: 3_000 }, 1);
    });
    expect(journal.receipts.of(domainBytes, 1)).toEqual(kept);
    expect(journal.receipts.of(domainBytes, 2)).toBeNull();
    journal.close();
    const raw = new Database(options.path);
    for (const sql of ["UPDATE receipt SET received_at = 1", "DELETE FROM receipt", "DELETE FROM clock_floor_part"])
      expect([sql, codeOf(() => raw.exec(sql))]).toEqual([sql, sql.includes("part") ? "nothing thrown" : TRIGGER]);
    raw.close();
  });

  it("takes the one floor of an older journal for every domain, until a live answer says better", () => {
    const before = open({ migrations: migrations.filter(({ version }) => version < 7) });
    before.close();
    const raw = new Database(options.path);
    raw.exec("UPDATE clock_floor SET seconds = 7000");
    raw
      .prepare("INSERT INTO upload VALUES (?, 3, ?, ?, ?, 'answered', 10, 20)")
      .run(...[domainBytes, bytes(128, 1), bytes(64, 1), bytes(20, 1)]);
    raw.close();
    const journal = open();
    expect(journal.clockFloor.read(domainBytes)).toEqual({ signed: 0, local: 7_000 });
    journal.write(() => {
      journal.clockFloor.raiseLocal(domainBytes, 6_000);
    });
    expect(journal.clockFloor.read(domainBytes)).toEqual({ signed: 0, local: 7_000 });
    expect(journal.uploads.last(domainBytes)).toMatchObject({ seq: 3, state: "answered" });
    expect(journal.receipts.of(domainBytes, 3)).toBeNull();
    journal.write(() => {
      journal.receipts.keep(domainBytes, 3, { receipt: bytes(101, 1), signature: bytes(64, 2), receivedAt: 2_000 }, 1);
      journal.clockFloor.answer(domainBytes, { time: 2_000, uploadSeq: 3, now: 7_100 });
    });
    expect(journal.clockFloor.read(domainBytes)).toEqual({ signed: 1_700, local: 1_700 });
    expect(journal.clockFloor.read(bytes(28, 8))).toEqual({ signed: 0, local: 7_000 });
  });

  it("remembers every payment of a card around a counter", () => {
    const journal = open();
    const see = (counter: number, messageHash: number): void => {
      journal.write(() => {
        const observation = {
          counter,
          amount: 1n,
          spent: 10n,
          allowanceSeq: 1,
          link: bytes(32, 0),
          messageHash: bytes(32, messageHash),
        };
        journal.observations.add(domainBytes, bytes(33, 7), observation);
      });
    };
    for (const counter of [1, 3, 5, 5, 8, 9]) see(counter, counter);
    see(5, 55);
    const around = (counter: number): readonly number[][] =>
      journal.observations
        .around(domainBytes, bytes(33, 7), counter)
        .map((seen) => [seen.counter, seen.messageHash[0] ?? 0]);
    expect(around(5)).toEqual([
      [5, 5],
      [5, 55],
      [3, 3],
      [8, 8],
    ]);
    expect(around(10)).toEqual([[9, 9]]);
    expect(journal.observations.around(domainBytes, bytes(33, 8), 5)).toEqual([]);
  });
});
