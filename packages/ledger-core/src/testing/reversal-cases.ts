import assert from "node:assert/strict";
import type { Operation } from "../model/operation.ts";
import { balances, openBooks, refuse, take } from "./books.ts";
import type { LedgerConformanceCase } from "./conformance-case.ts";

const move: Operation = { kind: "transfer", id: "m1", debit: "owed:1", credit: "card:1", amount: 30n };
const hold: Operation = { kind: "hold", id: "h1", debit: "owed:1", credit: "card:1", amount: 20n };

export const reversalCases: readonly LedgerConformanceCase[] = [
  {
    name: "a reversal is a new operation with the sides changed, linked to the old one, which stays",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await take(engine, move);
      await take(engine, { kind: "reverse", id: "r1", transfer: "m1" });
      assert.deepEqual(await balances(engine, "card:1"), [100n, 100n]);
      const record = await engine.transfer("r1");
      assert.deepEqual(
        [record?.debit, record?.credit, record?.amount, record?.target],
        ["card:1", "owed:1", 30n, "m1"],
      );
      assert.equal((await engine.transfer("m1"))?.debit, "owed:1");
      assert.equal((await engine.account("card:1"))?.balance.creditsPosted, 30n);
    },
  },
  {
    name: "reverses a post by what was posted, also in the group that made it",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await take(
        engine,
        hold,
        { kind: "post", id: "p1", hold: "h1", amount: 7n },
        { kind: "reverse", id: "r1", transfer: "p1" },
      );
      assert.equal((await engine.transfer("r1"))?.amount, 7n);
      assert.deepEqual(await balances(engine, "owed:1"), [0n, 0n]);
      assert.equal((await engine.account("owed:1"))?.balance.debitsPosted, 7n);
    },
  },
  {
    name: "reverses once, and only what moved something",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await take(engine, move, hold);
      await take(engine, { kind: "reverse", id: "r1", transfer: "m1" });
      const again = { kind: "reverse", id: "r2", transfer: "m1" } as const;
      await refuse(engine, [again], { code: "ALREADY_REVERSED", index: 0 });
      await refuse(engine, [{ ...again, transfer: "h1" }], { code: "NOT_REVERSIBLE", index: 0 });
      await refuse(engine, [{ ...again, transfer: "r1" }], { code: "NOT_REVERSIBLE", index: 0 });
      await refuse(engine, [{ ...again, transfer: "nothing" }], { code: "UNKNOWN_TRANSFER", index: 0 });
      const outcome = await engine.apply({ atMs: 1, operations: [{ kind: "reverse", id: "r1", transfer: "m1" }] });
      assert.deepEqual(outcome, { ok: true, results: ["exists"] });
    },
  },
  {
    name: "a reversal keeps limits like any other operation",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 30n);
      await take(engine, move);
      const back = { kind: "reverse", id: "r1", transfer: "issue" } as const;
      await refuse(engine, [back], { code: "LIMIT_EXCEEDED", index: null, account: "card:1" });
    },
  },
];
