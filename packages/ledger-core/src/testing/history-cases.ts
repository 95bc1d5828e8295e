import assert from "node:assert/strict";
import type { LedgerEngine } from "../engine/engine.ts";
import { importJournal } from "../journal/import-journal.ts";
import type { JournalRecord } from "../model/journal-record.ts";
import { ledgerDigest } from "../journal/ledger-digest.ts";
import type { Operation } from "../model/operation.ts";
import { expectThrown, openBooks, T0, take } from "./books.ts";
import type { LedgerConformanceCase } from "./conformance-case.ts";

const move = (id: string, amount: bigint): Operation => ({
  kind: "transfer",
  id,
  debit: "owed:1",
  credit: "card:1",
  amount,
});

async function applyAt(engine: LedgerEngine, atMs: number, ...operations: readonly Operation[]): Promise<void> {
  const outcome = await engine.apply({ atMs, operations });
  assert.ok(outcome.ok, outcome.ok ? "" : outcome.message);
}

async function journalOf(engine: LedgerEngine): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  for await (const record of engine.exportJournal()) records.push(record);
  return records;
}

export const historyCases: readonly LedgerConformanceCase[] = [
  {
    name: "entries carry the running balance and number themselves without gaps",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await applyAt(engine, T0 + 1, move("m1", 10n), {
        kind: "hold",
        id: "h1",
        debit: "owed:2",
        credit: "card:1",
        amount: 5n,
      });
      await applyAt(engine, T0 + 2, { kind: "post", id: "p1", hold: "h1", amount: 3n });
      const entries = await engine.entries("card:1", { afterVersion: 0, limit: 10 });
      assert.deepEqual(
        entries.map(({ version, transfer, side, bookedAtMs, balance }) => [
          ...[version, transfer, side, bookedAtMs - T0],
          ...[balance.debitsPosted, balance.creditsPosted, balance.creditsPending],
        ]),
        [
          [1, "issue", "debit", 0, 100n, 0n, 0n],
          [2, "m1", "credit", 1, 100n, 10n, 0n],
          [3, "h1", "credit", 1, 100n, 10n, 5n],
          [4, "p1", "credit", 2, 100n, 13n, 0n],
        ],
      );
      const page = await engine.entries("card:1", { afterVersion: 1, limit: 2 });
      assert.deepEqual(
        page.map(({ version }) => version),
        [2, 3],
      );
      assert.deepEqual(await engine.entries("nobody", { afterVersion: 0, limit: 1 }), []);
      await expectThrown("BAD_PAGE", () => engine.entries("card:1", { afterVersion: -1, limit: 1 }));
      await expectThrown("BAD_PAGE", () => engine.entries("card:1", { afterVersion: 0, limit: 10_001 }));
    },
  },
  {
    name: "knows balances at a point in time, also where a caller's clock ran back",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await applyAt(engine, T0 + 10, move("m1", 1n));
      await applyAt(engine, T0 + 5, move("m2", 2n));
      await applyAt(engine, T0 + 20, move("m3", 4n));
      const creditsAt = async (offset: number) => (await engine.balanceAt("card:1", T0 + offset))?.creditsPosted;
      assert.deepEqual(await Promise.all([-1, 0, 9, 10, 19, 20, 99].map(creditsAt)), [0n, 0n, 0n, 3n, 3n, 7n, 7n]);
      assert.equal((await engine.balanceAt("card:1", T0 - 1))?.debitsPosted, 0n);
      assert.equal(await engine.balanceAt("nobody", T0), null);
      assert.equal((await engine.transfer("m2"))?.atMs, T0 + 5);
      await expectThrown("BAD_TIME", () => engine.balanceAt("card:1", -1));
    },
  },
  {
    name: "sums accounts by their place in the chart",
    async run(createEngine) {
      const engine = await createEngine();
      assert.deepEqual(await engine.chartTotals(), []);
      await openBooks(engine, 100n);
      await take(engine, move("m1", 10n), { kind: "hold", id: "h1", debit: "owed:2", credit: "card:1", amount: 5n });
      const totals = await engine.chartTotals();
      assert.deepEqual(
        totals.map(({ chart, asset, accounts }) => [chart, asset, accounts]),
        [
          ["card", "USDC", 1],
          ["issued", "USDC", 1],
          ["owed", "USDC", 2],
        ],
      );
      assert.deepEqual(totals[2]?.balance, {
        debitsPosted: 10n,
        creditsPosted: 0n,
        debitsPending: 5n,
        creditsPending: 0n,
      });
    },
  },
  {
    name: "its journal makes the same books elsewhere, and importing twice changes nothing",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await applyAt(engine, T0 + 9, move("m1", 10n), {
        kind: "hold",
        id: "h1",
        debit: "owed:2",
        credit: "card:1",
        amount: 5n,
      });
      await applyAt(engine, T0 + 3, move("m1", 10n), { kind: "post", id: "p1", hold: "h1", amount: 5n });
      await applyAt(engine, T0 + 4, {
        kind: "hold",
        id: "h2",
        debit: "owed:2",
        credit: "card:1",
        amount: 5n,
        expiresAtMs: T0 + 50,
      });
      await applyAt(
        engine,
        T0 + 60,
        { kind: "expire", id: "e2", hold: "h2" },
        { kind: "reverse", id: "r1", transfer: "p1" },
      );
      await applyAt(
        engine,
        T0 + 61,
        { kind: "hold", id: "h3", debit: "owed:1", credit: "card:1", amount: 1n },
        { kind: "void", id: "v3", hold: "h3" },
      );
      const journal = await journalOf(engine);
      const copy = await createEngine();
      await importJournal(copy, journal);
      const digest = Buffer.from(await ledgerDigest(engine)).toString("hex");
      assert.equal(Buffer.from(await ledgerDigest(copy)).toString("hex"), digest);
      await importJournal(copy, journal);
      assert.equal(Buffer.from(await ledgerDigest(copy)).toString("hex"), digest);
      assert.deepEqual(await journalOf(copy), journal);
      await take(copy, move("m9", 1n));
      assert.notEqual(Buffer.from(await ledgerDigest(copy)).toString("hex"), digest);
      await expectThrown("JOURNAL_REFUSED", () =>
        importJournal(copy, [{ kind: "group", group: { atMs: T0, operations: [move("m1", 11n)] } }]),
      );
    },
  },
];
