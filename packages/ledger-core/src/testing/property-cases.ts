import assert from "node:assert/strict";
import fc from "fast-check";
import type { AccountSpec } from "../model/account.ts";
import { keepsLimit } from "../model/account.ts";
import type { LedgerEngine } from "../engine/engine.ts";
import { importJournal } from "../journal/import-journal.ts";
import { ledgerDigest } from "../journal/ledger-digest.ts";
import { createMemoryLedger } from "../memory/memory-engine.ts";
import type { Group, Operation } from "../model/operation.ts";
import { open, spec, T0 } from "./books.ts";
import type { LedgerConformanceCase } from "./conformance-case.ts";

const accounts: readonly AccountSpec[] = [
  spec("issued"),
  spec("a", "posted"),
  spec("b", "available"),
  { ...spec("c", "posted"), normalSide: "credit" },
  spec("d"),
  spec("euro:1", "none", "EURC"),
  spec("euro:2", "posted", "EURC"),
];
const accountIds = accounts.map(({ id }) => id);

// Few ids and small amounts, so that repetitions, contradictions, ended holds and broken limits are
// common.
const account = fc.constantFrom(...accountIds, "issued", "issued", "unknown");
const id = fc.integer({ min: 0, max: 25 }).map((number) => `op:${number}`);
const amount = fc.bigInt({ min: 1n, max: 9n });
const sides = fc.tuple(account, account).filter(([debit, credit]) => debit !== credit);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc
    .record({ id, sides, amount })
    .map(({ id, sides: [debit, credit], amount }): Operation => ({ kind: "transfer", id, debit, credit, amount })),
  fc
    .record({ id, sides, amount, lifeMs: fc.option(fc.integer({ min: 0, max: 6 })) })
    .map(({ id, sides: [debit, credit], amount, lifeMs }): Operation => {
      const expiry = lifeMs === null ? {} : { expiresAtMs: T0 + lifeMs };
      return { kind: "hold", id, debit, credit, amount, ...expiry };
    }),
  fc.record({ id, hold: id, amount: fc.option(amount) }).map(({ id, hold, amount }): Operation => {
    return { kind: "post", id, hold, ...(amount === null ? {} : { amount }) };
  }),
  fc.record({ kind: fc.constantFrom("void" as const, "expire" as const), id, hold: id }),
  fc.record({ kind: fc.constant("reverse" as const), id, transfer: id }),
);

const group: fc.Arbitrary<Group> = fc.record({
  atMs: fc.integer({ min: 0, max: 9 }).map((offset) => T0 + offset),
  operations: fc.uniqueArray(operation, { minLength: 1, maxLength: 5, selector: (each) => each.id }),
});

const history = fc.array(group, { minLength: 1, maxLength: 25 });

/** Enough for every rule to be met in each run, few enough for an engine behind a socket. */
const RUNS = 25;

async function check(property: (groups: readonly Group[]) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(history, property), { numRuns: RUNS });
}

async function openAll(engine: LedgerEngine): Promise<LedgerEngine> {
  await open(engine, ...accounts);
  return engine;
}

async function digestOf(engine: LedgerEngine): Promise<string> {
  return Buffer.from(await ledgerDigest(engine)).toString("hex");
}

export const propertyCases: readonly LedgerConformanceCase[] = [
  {
    name: "answers and books as the ledger in memory does, for any history",
    async run(createEngine) {
      await check(async (groups) => {
        const [engine, model] = [await openAll(await createEngine()), await openAll(createMemoryLedger())];
        for (const each of groups) assert.deepEqual(await engine.apply(each), await model.apply(each));
        assert.equal(await digestOf(engine), await digestOf(model));
      });
    },
  },
  {
    name: "debits equal credits per asset, posted and pending, and every limit holds, for any history",
    async run(createEngine) {
      await check(async (groups) => {
        const engine = await openAll(await createEngine());
        for (const each of groups) await engine.apply(each);
        const sums = new Map<string, bigint[]>();
        for (const { asset, balance } of await engine.chartTotals()) {
          const [posted = 0n, pending = 0n] = sums.get(asset) ?? [];
          const { debitsPosted, creditsPosted, debitsPending, creditsPending } = balance;
          sums.set(asset, [posted + debitsPosted - creditsPosted, pending + debitsPending - creditsPending]);
        }
        assert.deepEqual(
          [...sums.values()],
          [...sums.keys()].map(() => [0n, 0n]),
        );
        for (const accountId of accountIds) {
          const found = await engine.account(accountId);
          assert.ok(found !== null && keepsLimit(found) && found.balance.debitsPending >= 0n, accountId);
          const newest = await engine.entries(accountId, { afterVersion: Math.max(0, found.version - 1), limit: 2 });
          assert.deepEqual(
            newest.map(({ balance }) => balance),
            found.version === 0 ? [] : [found.balance],
          );
        }
      });
    },
  },
  {
    name: "any history run twice is run once",
    async run(createEngine) {
      await check(async (groups) => {
        const engine = await openAll(await createEngine());
        for (const each of groups) {
          const first = await engine.apply(each);
          const second = await engine.apply(each);
          if (first.ok) assert.deepEqual(second, { ok: true, results: each.operations.map(() => "exists") });
          else assert.deepEqual(second, first);
        }
        const once = await digestOf(engine);
        const twin = await openAll(await createEngine());
        for (const each of groups) await twin.apply(each);
        assert.equal(await digestOf(twin), once);
      });
    },
  },
  {
    name: "has the log of the ledger in memory, whenever each of them is sealed, for any history",
    async run(createEngine) {
      await check(async (groups) => {
        const [engine, model] = [await openAll(await createEngine()), await openAll(createMemoryLedger())];
        for (const [index, each] of groups.entries()) {
          await engine.apply(each);
          await model.apply(each);
          if (index % 3 === 0) await engine.log.seal();
          if (index % 5 === 0) await model.log.seal();
        }
        assert.deepEqual(await engine.log.seal(), await model.log.seal());
      });
    },
  },
  {
    name: "any history replays to an equal hash",
    async run(createEngine) {
      await check(async (groups) => {
        const engine = await openAll(await createEngine());
        for (const each of groups) await engine.apply(each);
        const replayed = await createEngine();
        await importJournal(replayed, engine.exportJournal());
        assert.equal(await digestOf(replayed), await digestOf(engine));
      });
    },
  },
];
