import assert from "node:assert/strict";
import type { AccountSpec } from "../model/account.ts";
import type { LedgerConformanceCase } from "./conformance-case.ts";
import { balances, expectThrown, open, refuse, spec, T0, take } from "./books.ts";
import { MAX_ID_LENGTH, MAX_TOTAL } from "../model/limits.ts";

export const accountCases: readonly LedgerConformanceCase[] = [
  {
    name: "opens accounts once and answers what was there",
    async run(createEngine) {
      const engine = await createEngine();
      assert.deepEqual(await engine.openAccounts([spec("b"), spec("a")]), {
        ok: true,
        results: ["created", "created"],
      });
      assert.deepEqual(await engine.openAccounts([spec("c"), spec("a")]), { ok: true, results: ["created", "exists"] });
      assert.deepEqual(await engine.openAccounts([]), { ok: true, results: [] });
      assert.equal(await engine.account("d"), null);
      assert.equal((await engine.account("c"))?.version, 0);
    },
  },
  {
    name: "refuses an account that is open with other properties, and opens none of its call",
    async run(createEngine) {
      const engine = await createEngine();
      await open(engine, spec("a"));
      const others: readonly Partial<AccountSpec>[] = [
        { asset: "EURC" },
        { chart: "z" },
        { normalSide: "credit" },
        { limit: "available" },
      ];
      for (const other of others) {
        const outcome = await engine.openAccounts([spec("new"), { ...spec("a"), ...other }]);
        assert.ok(!outcome.ok);
        assert.deepEqual([outcome.code, outcome.account], ["ACCOUNT_DIFFERS", "a"]);
        assert.equal(await engine.account("new"), null);
      }
    },
  },
  {
    name: "refuses accounts that no ledger can hold",
    async run(createEngine) {
      const engine = await createEngine();
      for (const id of ["", " a", "a b", "ä", "a\n", "x".repeat(MAX_ID_LENGTH + 1)]) {
        await expectThrown("BAD_ID", () => engine.openAccounts([{ ...spec("a"), id }]));
        await expectThrown("BAD_ID", () => engine.openAccounts([{ ...spec("a"), chart: id }]));
      }
      await expectThrown("DUPLICATE_ID", () => engine.openAccounts([spec("a"), spec("a")]));
      await expectThrown("BAD_ACCOUNT", () => engine.openAccounts([spec("a", "none", "US D")]));
      await expectThrown("BAD_ACCOUNT", () => engine.openAccounts([{ ...spec("a"), normalSide: "left" as "debit" }]));
      await expectThrown("BAD_ACCOUNT", () => engine.openAccounts([{ ...spec("a"), limit: "some" as "none" }]));
      await open(engine, spec("x".repeat(MAX_ID_LENGTH)));
    },
  },
  {
    name: "keeps a posted balance from falling below zero, on either normal side",
    async run(createEngine) {
      const engine = await createEngine();
      const debt: AccountSpec = { ...spec("debt", "posted"), normalSide: "credit" };
      await open(engine, spec("issued"), spec("card", "posted"), debt, spec("owed"));
      await take(engine, { kind: "transfer", id: "1", debit: "card", credit: "issued", amount: 5n });
      await take(engine, { kind: "transfer", id: "2", debit: "owed", credit: "card", amount: 5n });
      const tooMuch = { kind: "transfer", id: "3", debit: "owed", credit: "card", amount: 1n } as const;
      await refuse(engine, [tooMuch], { code: "LIMIT_EXCEEDED", index: null, account: "card" });
      await take(engine, { kind: "transfer", id: "4", debit: "owed", credit: "debt", amount: 2n });
      const tooFar = { kind: "transfer", id: "5", debit: "debt", credit: "owed", amount: 3n } as const;
      await refuse(engine, [tooFar], { code: "LIMIT_EXCEEDED", index: null, account: "debt" });
      assert.deepEqual(await balances(engine, "debt"), [2n, 2n]);
    },
  },
  {
    name: "judges limits after the whole group, naming the first account by id",
    async run(createEngine) {
      const engine = await createEngine();
      await open(engine, spec("issued"), spec("b", "posted"), spec("a", "posted"), spec("owed"));
      // The account is below zero between the two, and above it at the end.
      await take(
        engine,
        { kind: "transfer", id: "1", debit: "owed", credit: "a", amount: 5n },
        { kind: "transfer", id: "2", debit: "a", credit: "issued", amount: 5n },
      );
      const both = [
        { kind: "transfer", id: "3", debit: "owed", credit: "b", amount: 1n },
        { kind: "transfer", id: "4", debit: "owed", credit: "a", amount: 1n },
      ] as const;
      await refuse(engine, both, { code: "LIMIT_EXCEEDED", index: null, account: "a" });
    },
  },
  {
    name: "a hold reserves where the limit says so, and only promises where it does not",
    async run(createEngine) {
      const engine = await createEngine();
      await open(engine, spec("issued"), spec("strict", "available"), spec("loose", "posted"), spec("owed"));
      for (const debit of ["strict", "loose"]) {
        await take(engine, { kind: "transfer", id: `in-${debit}`, debit, credit: "issued", amount: 10n });
      }
      await take(engine, { kind: "hold", id: "h1", debit: "owed", credit: "strict", amount: 7n });
      const second = { kind: "hold", id: "h2", debit: "owed", credit: "strict", amount: 4n } as const;
      await refuse(engine, [second], { code: "LIMIT_EXCEEDED", index: null, account: "strict" });
      const spend = { kind: "transfer", id: "t1", debit: "owed", credit: "strict", amount: 4n } as const;
      await refuse(engine, [spend], { code: "LIMIT_EXCEEDED", index: null, account: "strict" });
      await take(engine, { kind: "void", id: "v1", hold: "h1" }, second, spend);
      await take(engine, { kind: "hold", id: "h3", debit: "owed", credit: "loose", amount: 70n });
      assert.deepEqual(await balances(engine, "strict"), [6n, 2n]);
      assert.deepEqual(await balances(engine, "loose"), [10n, -60n]);
      const unpaid = { kind: "post", id: "p3", hold: "h3" } as const;
      await refuse(engine, [unpaid], { code: "LIMIT_EXCEEDED", index: null, account: "loose" });
    },
  },
  {
    name: "takes totals up to 63 bits and refuses the next unit",
    async run(createEngine) {
      const engine = await createEngine();
      await open(engine, spec("issued"), spec("card"));
      await take(engine, { kind: "transfer", id: "1", debit: "card", credit: "issued", amount: MAX_TOTAL });
      const more = { kind: "transfer", id: "2", debit: "card", credit: "issued", amount: 1n } as const;
      await refuse(engine, [more], { code: "BALANCE_OVERFLOW", index: null, account: "card" });
      await take(engine, { kind: "hold", id: "3", debit: "card", credit: "issued", amount: MAX_TOTAL });
      assert.equal((await engine.balanceAt("card", T0))?.debitsPending, MAX_TOTAL);
    },
  },
];
