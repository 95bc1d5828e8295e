import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createMemoryLedger, type LedgerEngine, type Operation } from "@tallystick/ledger-core";
import { sql, type Kysely, type RawBuilder } from "kysely";
import { ledgerLogMigration } from "../src/books/ledger/ledger-log-migration.ts";
import { ledgerMigration } from "../src/books/ledger/ledger-migration.ts";
import { createPostgresLedger } from "../src/books/ledger/postgres-ledger.ts";
import { PostgresLog } from "../src/books/ledger/postgres-log.ts";
import { EmptySchemas } from "./harness/empty-schemas.ts";
import { ownDatabase } from "./harness/shared-cluster.ts";

type Books = Kysely<unknown>;

/**
 * The log's rules that every engine keeps stand in the conformance suite; here is what only a
 * database can do.
 */
describe("the log in PostgreSQL", () => {
  let schemas: EmptySchemas;

  beforeAll(async () => {
    schemas = new EmptySchemas(await ownDatabase("empty"));
  });
  afterEach(() => schemas.close());

  async function emptyBooks(): Promise<Books> {
    const db = await schemas.create();
    await ledgerMigration.up(db);
    return db;
  }
  async function books(): Promise<{ db: Books; ledger: LedgerEngine }> {
    const db = await emptyBooks();
    await ledgerLogMigration.up(db);
    const ledger = createPostgresLedger(db);
    await ledger.openAccounts(specs);
    return { db, ledger };
  }
  const spec = (id: string) => ({ id, chart: id, asset: "USDC", normalSide: "debit", limit: "none" }) as const;
  const specs = [spec("a"), spec("b")];
  const move = (id: string): Operation => ({ kind: "transfer", id, debit: "a", credit: "b", amount: 5n });
  const book = (ledger: LedgerEngine, ...ids: string[]) => ledger.apply({ atMs: 1, operations: ids.map(move) });
  const idsOf = async ({ log }: LedgerEngine) => {
    const { size } = await log.head();
    const entries = await Promise.all(Array.from({ length: size }, (_, index) => log.entry(index)));
    return entries.map((entry) => entry?.record.id);
  };

  it("takes in what was booked before there was a log", async () => {
    const db = await emptyBooks();
    const ledger = createPostgresLedger(db);
    await ledger.openAccounts(specs);
    await book(ledger, "t1", "t2");
    await ledgerLogMigration.up(db);
    await book(ledger, "t3");
    await ledger.log.seal();
    expect(await idsOf(ledger)).toEqual(["t1", "t2", "t3"]);
  });

  it("joins its caller's transaction: what is rolled back was never in the log", async () => {
    const { db, ledger } = await books();
    const failure = new Error("the caller fails");
    const work = db.transaction().execute(async (trx) => {
      const inside = createPostgresLedger(trx);
      await book(inside, "t1");
      expect((await inside.log.seal()).size).toBe(1);
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await ledger.log.seal()).toMatchObject({ size: 0 });
    await book(ledger, "t1");
    expect((await ledger.log.seal()).size).toBe(1);
  });

  it("gives what a slower transaction books a later place, and never leaves it out", async () => {
    const { db, ledger } = await books();
    await ledger.openAccounts([spec("c"), spec("d")]);
    await db.transaction().execute(async (trx) => {
      const slower = { kind: "transfer", id: "slow", debit: "c", credit: "d", amount: 1n } as const;
      await createPostgresLedger(trx).apply({ atMs: 1, operations: [slower] });
      await book(ledger, "quick");
      expect((await ledger.log.seal()).size).toBe(1);
    });
    await ledger.log.seal();
    expect(await idsOf(ledger)).toEqual(["quick", "slow"]);
  });

  it("is sealed by many at once with one effect, while it is booked", async () => {
    const { ledger } = await books();
    const ids = Array.from({ length: 60 }, (_, index) => `t${index}`);
    const booking = ids.map((id) => book(ledger, id));
    const sealing = Array.from({ length: 6 }, () => ledger.log.seal());
    const settled = await Promise.allSettled(sealing);
    for (const outcome of settled)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "CONCURRENT_CHANGE" });
    await Promise.all(booking);
    const head = await ledger.log.seal();
    const logged = await idsOf(ledger);
    expect([...logged].sort()).toEqual([...ids].sort());
    const twin = createMemoryLedger();
    await twin.openAccounts(specs);
    for (const id of logged) await book(twin, id ?? "");
    expect((await twin.log.seal()).root).toEqual(head.root);
  });

  it("answers a head that holds all that was booked before, wherever another seal comes between", async () => {
    for (const after of [1, 2, 3]) {
      const { db, ledger } = await books();
      await book(ledger, "t1");
      let statements = 0;
      const interrupted = new PostgresLog(async <Row>(query: RawBuilder<unknown>) => {
        const { rows } = await query.execute(db);
        statements += 1;
        if (statements === after) await ledger.log.seal();
        return rows as Row[];
      });
      expect(await interrupted.seal()).toMatchObject({ size: 1 });
      expect(statements).toBeGreaterThanOrEqual(after);
    }
  });

  it("refuses to change or remove what is logged, and a log with two heads, whoever asks", async () => {
    const { db, ledger } = await books();
    await book(ledger, "t1");
    await ledger.log.seal();
    const codeOf = async (statement: string): Promise<unknown> =>
      sql
        .raw(statement)
        .execute(db)
        .then(
          () => "taken",
          (error: unknown) => (error as { code?: unknown }).code,
        );
    for (const statement of [
      "update ledger_log_nodes set hash = sha256('x')",
      "delete from ledger_log_entries",
      "truncate ledger_log_heads",
      "update ledger_log_heads set root = sha256('x')",
    ])
      expect([statement, await codeOf(statement)]).toEqual([statement, "TL001"]);
    const again = "insert into ledger_log_entries values (1, 't1')";
    expect(await codeOf(again)).toBe("23505");
    const { rows } = await sql<{ appended: boolean }>`
      select ledger_log_append(0, '["t1"]', '[]', sha256('x')) as appended`.execute(db);
    expect(rows).toEqual([{ appended: false }]);
  });
});
