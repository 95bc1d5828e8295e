import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type { LedgerEngine } from "@tallystick/ledger-core";
import { ledgerConformance } from "@tallystick/ledger-core/testing";
import { sql, type Kysely } from "kysely";
import { ledgerLogMigration } from "../src/books/ledger/ledger-log-migration.ts";
import { ledgerMigration } from "../src/books/ledger/ledger-migration.ts";
import { createPostgresLedger } from "../src/books/ledger/postgres-ledger.ts";
import { blockedBackend } from "./harness/blocked-backend.ts";
import { EmptySchemas } from "./harness/empty-schemas.ts";
import { ownDatabase } from "./harness/shared-cluster.ts";

let schemas: EmptySchemas;

beforeAll(async () => {
  schemas = new EmptySchemas(await ownDatabase("empty"));
});
afterEach(() => schemas.close());

async function emptyBooks(): Promise<Kysely<unknown>> {
  const db = await schemas.create();
  await ledgerMigration.up(db);
  await ledgerLogMigration.up(db);
  return db;
}

/** What the database itself answers to a statement that goes around the engine. */
async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => "taken",
    (error: unknown) => (error as { code?: unknown }).code,
  );
}

const spec = (id: string) => ({ id, chart: id, asset: "USDC", normalSide: "debit", limit: "none" }) as const;

async function bookOne(ledger: LedgerEngine): Promise<void> {
  await ledger.openAccounts([spec("a"), spec("b")]);
  await ledger.apply({ atMs: 1, operations: [{ kind: "transfer", id: "t1", debit: "a", credit: "b", amount: 5n }] });
}

describe("the ledger in PostgreSQL", () => {
  it.each(ledgerConformance.map((each) => [each.name, each] as const))(
    "%s",
    async (_name, { run }) => {
      await run(async () => createPostgresLedger(await emptyBooks()));
    },
    120_000,
  );

  it("joins its caller's transaction: what is rolled back was never booked", async () => {
    const db = await emptyBooks();
    await createPostgresLedger(db).openAccounts([spec("a"), spec("b")]);
    const failure = new Error("the caller fails");
    const work = db.transaction().execute(async (trx) => {
      await bookOne(createPostgresLedger(trx));
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await createPostgresLedger(db).transfer("t1")).toBeNull();
  });

  it("leaves its caller's transaction usable after a refusal", async () => {
    const db = await emptyBooks();
    await db.transaction().execute(async (trx) => {
      const ledger = createPostgresLedger(trx);
      const lost = { kind: "transfer", id: "t0", debit: "a", credit: "b", amount: 5n } as const;
      expect(await ledger.apply({ atMs: 1, operations: [lost] })).toMatchObject({ ok: false, code: "UNKNOWN_ACCOUNT" });
      await bookOne(ledger);
    });
    expect((await createPostgresLedger(db).transfer("t1"))?.amount).toBe(5n);
  });

  it("answers CONCURRENT_CHANGE where one id is used for other accounts at the same moment", async () => {
    const db = await emptyBooks();
    const ledger = createPostgresLedger(db);
    await ledger.openAccounts(["a", "b", "c", "d"].map(spec));
    const work = db.transaction().execute(async (trx) => {
      await bookOne(createPostgresLedger(trx));
      const other = ledger.apply({
        atMs: 1,
        operations: [{ kind: "transfer", id: "t1", debit: "c", credit: "d", amount: 5n }],
      });
      await blockedBackend(db);
      return { other };
    });
    const { other } = await work;
    await expect(other).rejects.toMatchObject({ code: "CONCURRENT_CHANGE" });
    expect((await ledger.account("c"))?.version).toBe(0);
  });

  it("refuses to change or remove what is booked, and entries with one side, whoever asks", async () => {
    const db = await emptyBooks();
    await bookOne(createPostgresLedger(db));
    for (const statement of [
      "update ledger_transfers set amount = 6",
      "delete from ledger_transfers",
      "truncate ledger_transfers cascade",
      "update ledger_entries set debits_posted = 6",
      "delete from ledger_entries",
      "delete from ledger_accounts",
      "update ledger_accounts set debits_posted = 0 where id = 'a'",
      "update ledger_accounts set fall_limit = 'posted', version = version + 1 where id = 'a'",
    ]) {
      expect([statement, await codeOf(sql.raw(statement).execute(db))]).toEqual([statement, "TL001"]);
    }
    await sql.raw(insertTransfer({ id: "t2", kind: "transfer", credit: "b", target: "null" })).execute(db);
    const debit = "insert into ledger_entries values ('a', 2, 't2', 'debit', 1, 6, 0, 0, 0)";
    const credit = "('b', 2, 't2', 'credit', 1, 0, 6, 0, 0)";
    expect(await codeOf(sql.raw(debit).execute(db))).toBe("TL002");
    expect(await codeOf(sql.raw(`${debit}, ${credit.replace("'b'", "'a'").replace(", 2,", ", 3,")}`).execute(db))).toBe(
      "TL002",
    );
    expect(await codeOf(sql.raw(`${debit}, ${credit}`.replaceAll("'t2'", "'t9'")).execute(db))).toBe("TL002");
    expect(await codeOf(sql.raw(`${debit}, ${credit}`).execute(db))).toBe("taken");
    expect(
      await codeOf(sql.raw(`${debit.replace(", 2,", ", 3,")}, ${credit.replace(", 2,", ", 3,")}`).execute(db)),
    ).toBe("23505");
  });

  it("keeps limits, assets and single endings by constraints of its own", async () => {
    const db = await emptyBooks();
    const ledger = createPostgresLedger(db);
    await ledger.openAccounts([{ ...spec("a"), limit: "posted" }, { ...spec("b"), asset: "EURC" }, spec("c")]);
    await ledger.apply({ atMs: 1, operations: [{ kind: "hold", id: "h1", debit: "a", credit: "c", amount: 5n }] });
    const overdraw = "update ledger_accounts set version = version + 1, credits_posted = 1 where id = 'a'";
    expect(await codeOf(sql.raw(overdraw).execute(db))).toBe("23514");
    expect(
      await codeOf(sql.raw(insertTransfer({ id: "x", kind: "transfer", credit: "b", target: "null" })).execute(db)),
    ).toBe("23503");
    expect(
      await codeOf(sql.raw(insertTransfer({ id: "x", kind: "transfer", credit: "a", target: "null" })).execute(db)),
    ).toBe("23514");
    expect(
      await codeOf(sql.raw(insertTransfer({ id: "x", kind: "post", credit: "c", target: "null" })).execute(db)),
    ).toBe("23514");
    const end = async (id: string) => await ledger.apply({ atMs: 2, operations: [{ kind: "void", id, hold: "h1" }] });
    expect((await end("v1")).ok).toBe(true);
    expect(
      await codeOf(sql.raw(insertTransfer({ id: "x", kind: "post", credit: "c", target: "'h1'" })).execute(db)),
    ).toBe("23505");
  });
});

/** A statement that goes around the engine's function. */
function insertTransfer(row: { id: string; kind: string; credit: string; target: string }): string {
  return `insert into ledger_transfers (id, kind, asset, debit, credit, amount, target, at_ms, partial, fingerprint, history, place)
    values ('${row.id}', '${row.kind}', 'USDC', 'a', '${row.credit}', 1, ${row.target}, 1, false, sha256('x'), 1000, 0)`;
}
