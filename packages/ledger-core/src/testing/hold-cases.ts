import assert from "node:assert/strict";
import { expireDueHolds, expiryId } from "../engine/expire-holds.ts";
import type { HoldOperation } from "../model/operation.ts";
import { balances, expectThrown, openBooks, refuse, T0, take } from "./books.ts";
import type { LedgerConformanceCase } from "./conformance-case.ts";

const hold = (id: string, amount: bigint, expiresAtMs?: number): HoldOperation => ({
  kind: "hold",
  id,
  debit: "owed:1",
  credit: "card:1",
  amount,
  ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
});

export const holdCases: readonly LedgerConformanceCase[] = [
  {
    name: "a hold moves nothing until it is posted, then all of it",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await take(engine, hold("h1", 40n));
      assert.deepEqual(await balances(engine, "card:1"), [100n, 60n]);
      assert.deepEqual(await balances(engine, "owed:1"), [0n, 0n]);
      await take(engine, { kind: "post", id: "p1", hold: "h1" });
      assert.deepEqual((await engine.account("card:1"))?.balance, {
        debitsPosted: 100n,
        creditsPosted: 40n,
        debitsPending: 0n,
        creditsPending: 0n,
      });
      assert.deepEqual(await balances(engine, "owed:1"), [40n, 40n]);
    },
  },
  {
    name: "a hold posted in part gives the rest free",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await take(engine, hold("h1", 40n));
      const more = { kind: "post", id: "p0", hold: "h1", amount: 41n } as const;
      await refuse(engine, [more], { code: "ABOVE_HOLD", index: 0 });
      await take(engine, { kind: "post", id: "p1", hold: "h1", amount: 15n });
      assert.deepEqual(await balances(engine, "card:1"), [85n, 85n]);
      assert.equal((await engine.transfer("p1"))?.amount, 15n);
    },
  },
  {
    name: "a hold ends once: by a post, a void or an expiry",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await take(engine, hold("h1", 10n), hold("h2", 20n), hold("h3", 30n, T0 + 10));
      await take(engine, { kind: "post", id: "p1", hold: "h1" }, { kind: "void", id: "v2", hold: "h2" });
      const later = T0 + 10;
      assert.ok((await engine.apply({ atMs: later, operations: [{ kind: "expire", id: "e3", hold: "h3" }] })).ok);
      for (const ended of ["h1", "h2", "h3"]) {
        for (const kind of ["post", "void", "expire"] as const) {
          await refuse(engine, [{ kind, id: "again", hold: ended }], { code: "HOLD_RESOLVED", index: 0 }, later);
        }
      }
      assert.deepEqual(await balances(engine, "card:1"), [90n, 90n]);
    },
  },
  {
    name: "a hold can be made and ended in one group, and not twice in one group",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await take(engine, hold("h1", 10n), { kind: "post", id: "p1", hold: "h1", amount: 4n });
      assert.deepEqual(await balances(engine, "owed:1"), [4n, 4n]);
      const twice = [
        hold("h2", 1n),
        { kind: "post", id: "p2", hold: "h2" },
        { kind: "void", id: "v2", hold: "h2" },
      ] as const;
      await refuse(engine, twice, { code: "HOLD_RESOLVED", index: 2 });
      const early = [{ kind: "post", id: "p3", hold: "h3" }, hold("h3", 1n)] as const;
      await refuse(engine, early, { code: "UNKNOWN_HOLD", index: 0 });
    },
  },
  {
    name: "only a hold can be ended, and only one that exists",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      for (const kind of ["post", "void", "expire"] as const) {
        await refuse(engine, [{ kind, id: "x", hold: "nothing" }], { code: "UNKNOWN_HOLD", index: 0 });
        await refuse(engine, [{ kind, id: "x", hold: "issue" }], { code: "NOT_A_HOLD", index: 0 });
      }
    },
  },
  {
    name: "an expired hold cannot be posted, from the very millisecond on, but still be voided",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await take(engine, hold("h1", 10n, T0 + 5), hold("h2", 10n, T0 + 5), hold("h3", 10n));
      const post = { kind: "post", id: "p1", hold: "h1" } as const;
      const expire = { kind: "expire", id: "e1", hold: "h1" } as const;
      await refuse(engine, [expire], { code: "HOLD_NOT_EXPIRED", index: 0 }, T0 + 4);
      await refuse(engine, [post], { code: "HOLD_EXPIRED", index: 0 }, T0 + 5);
      await refuse(engine, [{ ...expire, hold: "h3" }], { code: "HOLD_NOT_EXPIRED", index: 0 }, T0 + 5);
      await refuse(engine, [hold("h4", 1n, T0)], { code: "HOLD_EXPIRED", index: 0 }, T0);
      assert.ok((await engine.apply({ atMs: T0 + 4, operations: [post] })).ok);
      assert.ok((await engine.apply({ atMs: T0 + 9, operations: [{ kind: "void", id: "v2", hold: "h2" }] })).ok);
      // A repetition after the expiry is still a repetition.
      assert.deepEqual(await engine.apply({ atMs: T0 + 9, operations: [post] }), { ok: true, results: ["exists"] });
    },
  },
  {
    name: "a sweep ends the holds that are due, oldest first, and each once",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      await take(engine, hold("h1", 1n, T0 + 9), hold("h2", 2n, T0 + 5), hold("h3", 4n, T0 + 20), hold("h4", 8n));
      assert.deepEqual(await engine.dueHolds({ atMs: T0 + 4, limit: 10 }), []);
      assert.deepEqual(await expireDueHolds(engine, { atMs: T0 + 10, limit: 1 }), ["h2"]);
      const sweeps = await Promise.all(
        Array.from({ length: 3 }, () => expireDueHolds(engine, { atMs: T0 + 10, limit: 10 })),
      );
      assert.deepEqual([...new Set(sweeps.flat())], ["h1"]);
      assert.equal((await engine.transfer(expiryId("h1")))?.kind, "expire");
      assert.deepEqual(await balances(engine, "card:1"), [100n, 88n]);
      await expectThrown("BAD_PAGE", () => engine.dueHolds({ atMs: T0, limit: 0 }));
    },
  },
  {
    name: "a hold with an expiry needs room in its id for the expiry's own",
    async run(createEngine) {
      const engine = await createEngine();
      await openBooks(engine, 100n);
      const apply = (length: number) => engine.apply({ atMs: T0, operations: [hold("x".repeat(length), 1n, T0 + 1)] });
      await expectThrown("BAD_ID", () => apply(154));
      assert.ok((await apply(153)).ok);
      assert.equal((await expireDueHolds(engine, { atMs: T0 + 1, limit: 1 })).length, 1);
    },
  },
];
