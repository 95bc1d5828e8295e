import assert from "node:assert/strict";
import { MAX_GROUP_OPERATIONS, MAX_TOTAL } from "../model/limits.ts";
import type { Operation } from "../model/operation.ts";
import { balances, expectThrown, open, openBooks, refuse, spec, T0, take } from "./books.ts";
import type { LedgerConformanceCase } from "./conformance-case.ts";

const move = (id: string, amount: bigint): Operation => ({
  kind: "transfer",
  id,
  debit: "owed:1",
  credit: "card:1",
  amount,
});

export const groupCases: readonly LedgerConformanceCase[] = [
  {
    name: "debits one account and credits the other by the same amount",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await take(engine, move("m1", 30n));
      assert.deepEqual((await engine.account("card:1"))?.balance, {
        debitsPosted: 100n,
        creditsPosted: 30n,
        debitsPending: 0n,
        creditsPending: 0n,
      });
      assert.deepEqual(await balances(engine, "owed:1"), [30n, 30n]);
      assert.equal((await engine.transfer("m1"))?.amount, 30n);
      assert.equal(await engine.transfer("m2"), null);
    },
  },
  {
    name: "the same operation twice, later and among others has one effect",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await take(engine, move("m1", 30n));
      const again = await engine.apply({ atMs: T0 + 99, operations: [move("m2", 1n), move("m1", 30n)] });
      assert.deepEqual(again, { ok: true, results: ["created", "exists"] });
      const third = await engine.apply({ atMs: T0 + 100, operations: [move("m1", 30n), move("m2", 1n)] });
      assert.deepEqual(third, { ok: true, results: ["exists", "exists"] });
      assert.deepEqual(await balances(engine, "card:1"), [69n, 69n]);
      assert.equal((await engine.account("card:1"))?.version, 3);
    },
  },
  {
    name: "names the field in which an id is used for something else",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      const hold = { kind: "hold", id: "h1", debit: "owed:1", credit: "card:1", amount: 5n } as const;
      await take(engine, move("m1", 30n), hold, { ...hold, id: "h2" });
      await take(engine, { kind: "post", id: "p1", hold: "h1", amount: 4n });
      const contradictions: readonly (readonly [Operation, string])[] = [
        [{ ...hold, id: "m1", amount: 30n }, "EXISTS_WITH_DIFFERENT_KIND"],
        [move("m1", 31n), "EXISTS_WITH_DIFFERENT_AMOUNT"],
        [{ kind: "transfer", id: "m1", debit: "owed:2", credit: "card:1", amount: 30n }, "EXISTS_WITH_DIFFERENT_DEBIT"],
        [
          { kind: "transfer", id: "m1", debit: "owed:1", credit: "owed:2", amount: 30n },
          "EXISTS_WITH_DIFFERENT_CREDIT",
        ],
        [{ ...hold, expiresAtMs: T0 + 1 }, "EXISTS_WITH_DIFFERENT_EXPIRY"],
        [{ kind: "post", id: "p1", hold: "h2", amount: 4n }, "EXISTS_WITH_DIFFERENT_TARGET"],
        [{ kind: "post", id: "p1", hold: "h1" }, "EXISTS_WITH_DIFFERENT_AMOUNT"],
      ];
      for (const [operation, code] of contradictions) await refuse(engine, [operation], { code, index: 0 });
      await refuse(engine, [move("m9", 1n), move("m1", 31n)], { code: "EXISTS_WITH_DIFFERENT_AMOUNT", index: 1 });
    },
  },
  {
    name: "takes a group as a whole or not at all",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await open(engine, spec("euro", "none", "EURC"));
      const lost: Operation = { kind: "transfer", id: "x", debit: "nowhere", credit: "card:1", amount: 1n };
      await refuse(engine, [move("m1", 1n), lost], { code: "UNKNOWN_ACCOUNT", index: 1, account: "nowhere" });
      const alsoLost: Operation = { kind: "transfer", id: "x", debit: "card:1", credit: "nowhere", amount: 1n };
      await refuse(engine, [alsoLost], { code: "UNKNOWN_ACCOUNT", index: 0, account: "nowhere" });
      const mixed: Operation = { kind: "hold", id: "y", debit: "euro", credit: "card:1", amount: 1n };
      await refuse(engine, [move("m1", 1n), move("m2", 1n), mixed], { code: "ASSET_MISMATCH", index: 2 });
      await refuse(engine, [lost, mixed], { code: "UNKNOWN_ACCOUNT", index: 0, account: "nowhere" });
      await refuse(engine, [move("m1", 60n), move("m2", 41n)], {
        code: "LIMIT_EXCEEDED",
        index: null,
        account: "card:1",
      });
      assert.equal(await engine.transfer("m1"), null);
    },
  },
  {
    name: "refuses groups that no ledger can take",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      const apply = (...operations: readonly Operation[]) => engine.apply({ atMs: T0, operations });
      await expectThrown("EMPTY_GROUP", () => apply());
      await expectThrown("DUPLICATE_ID", () => apply(move("m1", 1n), move("m1", 1n)));
      for (const amount of [0n, -1n, MAX_TOTAL + 1n, 1 as unknown as bigint]) {
        await expectThrown("BAD_AMOUNT", () => apply(move("m1", amount)));
      }
      await expectThrown("BAD_AMOUNT", () => apply({ kind: "post", id: "p", hold: "h", amount: 0n }));
      await expectThrown("SAME_ACCOUNT", () => apply({ ...move("m1", 1n), debit: "card:1" } as Operation));
      await expectThrown("BAD_ID", () => apply(move("", 1n)));
      await expectThrown("BAD_ID", () => apply({ kind: "void", id: "v", hold: "no blanks" }));
      for (const atMs of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        await expectThrown("BAD_TIME", () => engine.apply({ atMs, operations: [move("m1", 1n)] }));
      }
      const many = Array.from({ length: MAX_GROUP_OPERATIONS + 1 }, (_, index) => move(`m${index}`, 1n));
      await expectThrown("GROUP_TOO_LARGE", () => apply(...many));
    },
  },
  {
    name: "takes the largest group",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 10_000n);
      await take(engine, ...Array.from({ length: MAX_GROUP_OPERATIONS }, (_, index) => move(`m${index}`, 1n)));
      assert.deepEqual(await balances(engine, "card:1"), [
        10_000n - BigInt(MAX_GROUP_OPERATIONS),
        10_000n - BigInt(MAX_GROUP_OPERATIONS),
      ]);
    },
  },
  {
    name: "the same group from several callers at once has one effect",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, () => take(engine, move("m1", 30n), move("m2", 5n))),
      );
      const created = outcomes.filter((outcome) => outcome.ok && outcome.results.includes("created"));
      assert.equal(created.length, 1);
      assert.deepEqual(await balances(engine, "card:1"), [65n, 65n]);
    },
  },
  {
    name: "callers that meet on the same accounts in another order all get through",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 1_000n);
      const back = (id: string): Operation => ({ kind: "transfer", id, debit: "card:1", credit: "owed:1", amount: 1n });
      await take(engine, move("first", 500n));
      await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          index % 2 === 0
            ? take(engine, move(`a${index}`, 1n), back(`b${index}`))
            : take(engine, back(`b${index}`), move(`a${index}`, 1n)),
        ),
      );
      assert.deepEqual(await balances(engine, "card:1"), [500n, 500n]);
      assert.equal((await engine.account("card:1"))?.version, 26);
    },
  },
];
