import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parseAddress, toHex } from "@tallystick/protocol";
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { ledgerLogMigration } from "../src/books/ledger/ledger-log-migration.ts";
import { ledgerMigration } from "../src/books/ledger/ledger-migration.ts";
import { createPostgresLedger } from "../src/books/ledger/postgres-ledger.ts";
import { createPool, createDatabase, type Database } from "../src/foundation/database/database.ts";
import { first } from "../src/foundation/database/migrations/0001-first.ts";
import { refunds } from "../src/foundation/database/migrations/0003-refunds.ts";
import { anchoredRoots } from "../src/foundation/database/migrations/chain/0005-anchored-roots.ts";
import { vaultState } from "../src/foundation/database/migrations/chain/0006-vault-state.ts";
import { nonceTaken } from "../src/foundation/database/migrations/chain/0007-nonce-taken.ts";
import { certificateLength } from "../src/foundation/database/migrations/0008-certificate-length.ts";
import { receipts } from "../src/foundation/database/migrations/0009-receipts.ts";
import { guarantee } from "../src/foundation/database/migrations/0010-guarantee.ts";
import { chainRules } from "../src/foundation/database/migrations/chain/0011-chain-rules.ts";
import { guaranteeAccount } from "../src/foundation/database/migrations/chain/0012-guarantee-account.ts";
import { orderReports } from "../src/foundation/database/migrations/operations/0053-order-reports.ts";
import { reportCards } from "../src/foundation/database/migrations/operations/0054-report-cards.ts";
import { planMigrations } from "../src/foundation/database/migration-plan.ts";
import { migrate } from "../src/foundation/database/migrate.ts";
import { migrations } from "../src/migrations.ts";
import { eventually } from "./harness/eventually.ts";
import { orderReport } from "./harness/issuing/order-report.ts";
import { TestTerminal } from "./harness/test-terminal.ts";
import { ownDatabase } from "./harness/shared-cluster.ts";

describe("a database of the first layout", () => {
  let db: Database;

  beforeAll(async () => {
    db = createDatabase(createPool((await ownDatabase("empty")).url));
  });
  afterAll(() => db.destroy());

  it("keeps its refunds, its books and its batches when it is brought up to date", async () => {
    await first.up(db);
    await ledgerMigration.up(db);
    const [card, payee, hash] = [Buffer.alloc(20, 1), Buffer.alloc(20, 2), Buffer.alloc(32, 3)];
    const event = { block_number: 7n, block_hash: hash, transaction_hash: hash, final: true, card, payee, units: 40n };
    await db
      .insertInto("chain_events")
      .values([
        { ...event, log_index: 4, kind: "refunded", detail: JSON.stringify({ fromEarnings: "30" }) },
        { ...event, log_index: 5, kind: "released", detail: JSON.stringify({ counter: "3" }) },
        { ...event, log_index: 6, kind: "refunded", final: false, detail: JSON.stringify({ fromEarnings: "0" }) },
      ])
      .execute();
    const ledger = createPostgresLedger(db);
    const spec = (id: string) => ({ id, chart: id, asset: "USDC", normalSide: "debit", limit: "none" }) as const;
    await ledger.openAccounts([spec("a"), spec("b")]);
    await ledger.apply({ atMs: 1, operations: [{ kind: "transfer", id: "t", debit: "a", credit: "b", amount: 5n }] });

    const account = Buffer.alloc(20, 4);
    const id = "00000000-0000-4000-8000-000000000001";
    const transaction = { hash, action_id: id, attempt: 1, nonce: 7n, raw: hash, gas: 21_000n };
    await sql`insert into chain_actions (id, key, kind, account, target, data, state, nonce, gas, created_at, changed_at)
      values (${id}, 'compensate:0x', 'compensate', ${account}, ${payee}, ${hash}, 'broadcast', 7, 21000, now(), now())`.execute(
      db,
    );
    await sql`insert into chain_transactions (hash, action_id, attempt, nonce, raw, gas, max_fee, priority_fee, stored_at)
      values (${hash}, ${id}, 1, 7, ${hash}, 21000, 2, 1, now())`.execute(db);

    for (const { up } of [refunds, ledgerLogMigration, anchoredRoots, guaranteeAccount]) await up(db);

    // What was signed stays with the account that signed it.
    expect(await db.selectFrom("chain_transactions").selectAll().execute()).toMatchObject([
      { ...transaction, account },
    ]);
    expect(await db.selectFrom("guarantee_accounts").selectAll().execute()).toEqual([]);
    expect(await db.selectFrom("refunds").selectAll().execute()).toEqual([
      {
        ...{ place: `0x${"03".repeat(32)}:4`, payee, card, units: 40n, from_earnings: 30n, named_voucher: null },
        ...{ transaction_hash: hash, block_number: 7n },
      },
    ]);
    expect(await ledger.log.seal()).toMatchObject({ size: 1 });
    expect((await ledger.log.entry("t"))?.index).toBe(0);
    expect(await db.selectFrom("batches").select("ledger_size").execute()).toEqual([]);
    await expect(db.deleteFrom("refunds").execute()).rejects.toMatchObject({ code: "TS001" });
  });

  it("knows what its cards have signed, one message a counter", async () => {
    for (const { up } of [vaultState, nonceTaken, certificateLength, receipts, guarantee]) await up(db);
    const [card, hash, key] = [Buffer.alloc(20, 1), Buffer.alloc(32, 3), Buffer.alloc(33, 2)];
    await sql`insert into cards (card, card_key, card_index, owner, opening_signature, reference, registered_at)
      values (${card}, ${key}, 0, ${card}, ${Buffer.alloc(64)}, 'r', now())`.execute(db);
    await sql`insert into uploads (hash, payee, terminal_id, seq, previous_head, upload, signature, certificate,
      certificate_signature, body, received_at) values (${hash}, ${card}, ${hash}, 1, ${hash}, ${hash}, ${hash}, ${hash},
      ${hash}, ${hash}, now())`.execute(db);
    // A fork at counter 1, of which the vault paid the smaller one; counter 2 is held, 3 only paid.
    for (const [mark, counter, amount] of [
      [1, 1, 30n],
      [2, 1, 50n],
      [3, 2, 7n],
    ] as const) {
      await sql`insert into vouchers (id, card, counter, payee, amount_units, message, context, signature, parity,
        allowance_body, allowance_signature, terminal_id, paid_at, card_key, request, spent_units, allowance_seq, link,
        upload, received_at, state, promised) values (${Buffer.alloc(32, mark)}, ${card}, ${counter}, ${card}, ${amount},
        ${Buffer.alloc(82)}, ${Buffer.alloc(77)}, ${Buffer.alloc(64)}, 0, ${hash}, ${hash}, ${hash}, 1, ${key},
        ${Buffer.alloc(67)}, 1, 1, ${hash}, ${hash}, now(), 'received', true)`.execute(db);
    }
    for (const [mark, counter, amount] of [
      [1, 1, 30n],
      [4, 3, 11n],
    ] as const) {
      await sql`insert into settled_items (voucher_id, card, counter, payee, amount_units, transaction_hash, block_number)
        values (${Buffer.alloc(32, mark)}, ${card}, ${counter}, ${card}, ${amount}, ${hash}, 9)`.execute(db);
    }
    await chainRules.up(db);
    expect(await db.selectFrom("cards").select(["signed_units", "void_suspended"]).execute()).toEqual([
      { signed_units: 68n, void_suspended: false },
    ]);
    expect(await db.selectFrom("chain_messages").selectAll().execute()).toEqual([]);
  });

  it("knows which cards and deposits the reports name that it has", async () => {
    await orderReports.up(db);
    const terminal = new TestTerminal({ chainId: 1n, vault: parseAddress(`0x${"09".repeat(20)}`) });
    terminal.certificate = { certificate: "0x00", signature: "0x00" };
    const [funding, card] = ["00000000-0000-4000-8000-000000000002", Buffer.alloc(20, 0x7e)];
    const text = await orderReport(terminal, [
      { card: toHex(card), funding, deposited: "5.00" },
      { card: null, funding: null, deposited: "0.00", label: `\0 ,"card":"${toHex(card)}","owner":` },
      { card: toHex(card), funding: "by hand", deposited: "5.00" },
    ]);
    await sql`insert into order_reports (digest, report, order_name, payee, terminal_id, made_at, cards, ready, deposited,
      known_cards, known_units, received_at) values (${Buffer.alloc(32, 5)}, ${text}, 'o', ${card}, ${card}, now(), 3, 2, '10.00',
      0, 0, now())`.execute(db);
    await reportCards.up(db);
    const named = db.selectFrom("order_reports").select(["named_cards", "named_fundings", "complete"]);
    expect(await named.execute()).toEqual([
      { named_cards: [card, null, card], named_fundings: [funding, null, null], complete: false },
    ]);
  });
});

/** A unique index that refuses nothing which a constraint of before (here one of two columns) let in. */
const NARROWS_NOTHING = "create unique index ledger_entries_once on ledger_entries (transfer) where side = 'debit'";

/** Whether the version before can go on beside it; `made` are tables that it does not know. */
function isCompatible(text: string, made: ReadonlySet<string>): boolean {
  if (text === NARROWS_NOTHING) return true;
  const statement = text.toLowerCase();
  const [, table = ""] = /^alter table (?:if exists )?(?:only )?(\w+)/.exec(statement) ?? [];
  if (made.has(table)) return true;
  // What two rows of the older program may have alike, a unique index of the newer one refuses.
  const [, indexed = ""] = /^create unique index .* on (?:only )?(\w+)/.exec(statement) ?? [];
  if (indexed !== "" && !made.has(indexed)) return false;
  if (/^(truncate|delete)\b|\balter column \w+ (set data )?type\b/.test(statement)) return false;
  if (
    /^drop (table|column|type|sequence)|\bdrop (table|column)\b|\brename\b|set not null|add constraint/.test(statement)
  )
    return false;
  const added = /^alter table .*add column [^,]*/.exec(statement)?.[0] ?? "";
  return !added.includes("not null") || added.includes("default");
}

describe("a database of a newer program", () => {
  let db: Database;

  beforeAll(async () => {
    db = createDatabase(createPool((await ownDatabase("empty")).url));
  });
  afterAll(() => db.destroy());

  it("is told as what it is, and left as it is", async () => {
    const all = await planMigrations(db, migrations);
    expect(all.map(({ name }) => name)).toEqual(Object.keys(migrations));
    expect(all.flatMap(({ statements }) => statements.flatMap(({ tables }) => tables))).toEqual([]);
    // Since 0036 every change leaves the program of the version before at work: it drops, renames and narrows
    // nothing, and what it adds to a table that is there may be left out by a writer who does not know it.
    const later = all
      .filter(({ name }) => name >= "0037")
      .flatMap(({ statements }) => statements.map((each) => each.sql));
    expect(later.length).toBeGreaterThan(10);
    const made = new Set(later.flatMap((text) => /^create table (?:if not exists )?(\w+)/i.exec(text)?.[1] ?? []));
    expect(later.filter((text) => !isCompatible(text, made))).toEqual([]);
    for (const narrowing of [
      "alter table cards drop column owner",
      "alter table cards rename to card_rows",
      "alter table cards add column more text not null",
      "alter table cards alter column owner set not null",
      "alter table cards add constraint c check (card_index > 0)",
      "drop table cards",
      "create unique index concurrently cards_by_owner on cards (owner)",
      "alter table cards alter column card_index type smallint",
      "alter table cards alter column card_index set data type smallint",
      "delete from outbox",
    ])
      expect([narrowing, isCompatible(narrowing, made)]).toEqual([narrowing, false]);
    const [newest = "", ...others] = Object.keys(migrations).toReversed();
    await migrate(db, Object.fromEntries(others.toReversed().map((name) => [name, migrations[name] as Migration])));
    await sql`insert into outbox (topic, subject, created_at) values ('batch', 'x', now())`.execute(db);
    await sql`analyze outbox`.execute(db);
    const asked: Migration = {
      up: async (on: Kysely<unknown>) => {
        await sql`alter table outbox add column more text`.execute(on);
        await sql`create index outbox_more on outbox (more)`.execute(on);
        await sql`update outbox set more = ''`.execute(on);
        await sql`create table further (id int references issuer_keys (key_id))`.execute(on);
      },
    };
    const planned = await planMigrations(db, { ...migrations, "9998-asked": asked });
    expect(planned.map(({ name }) => name)).toEqual([newest, "9998-asked"]);
    const touched = planned[1]?.statements.map(({ tables }) => tables.map(({ name, blocks }) => [name, blocks]));
    expect(touched).toEqual([
      [["outbox", "reads"]],
      [["outbox", "writes"]],
      [["outbox", "none"]],
      [["issuer_keys", "writes"]],
    ]);
    expect(planned[1]?.statements[0]?.tables[0]).toMatchObject({ rows: 1, bytes: expect.any(Number) });
    const columns = sql`select from information_schema.columns where table_name = 'outbox' and column_name = 'more'`;
    expect((await columns.execute(db)).rows).toEqual([]);

    await migrate(db, migrations);
    await migrate(db, migrations);
    expect(await planMigrations(db, migrations)).toEqual([]);
    await sql`insert into kysely_migration (name, timestamp) values ('9999-later', '2030')`.execute(db);
    await expect(planMigrations(db, migrations)).rejects.toMatchObject({ code: "DATABASE_NEWER" });
    await expect(migrate(db, migrations)).rejects.toMatchObject({ code: "DATABASE_NEWER", exit: "store" });
    const { rows } = await sql`select name from kysely_migration where name = '9999-later'`.execute(db);
    expect(rows).toHaveLength(1);
  });
});

describe("a database that others post to while its layout changes", () => {
  let db: Database;

  beforeAll(async () => {
    db = createDatabase(createPool((await ownDatabase("empty")).url));
  });
  afterAll(() => db.destroy());

  it("lets a posting end that is under way, and begins again where it met one in a ring of locks", async () => {
    const before = Object.entries(migrations).filter(([name]) => name < "0065");
    await migrate(db, Object.fromEntries(before));
    const changed: Promise<void>[] = [];
    await db.transaction().execute(async (posting) => {
      // In the order in which a group takes them: operations, what is not in the log yet, entries.
      await sql`lock table ledger_transfers, ledger_unlogged in row exclusive mode`.execute(posting);
      changed.push(migrate(db, migrations));
      await eventually(
        () =>
          sql<{ n: string }>`select count(*)::text as n from pg_locks where not granted
          and database = (select oid from pg_database where datname = current_database())`.execute(db),
        ({ rows }) => rows[0]?.n !== "0",
      );
      await sql`lock table ledger_entries in row exclusive mode`.execute(posting);
    });
    await Promise.all(changed);
    const twice: Migration = { up: () => Promise.reject(Object.assign(new Error("deadlock"), { code: "40P01" })) };
    let tries = 0;
    const third: Migration = { up: (on) => ((tries += 1) < 3 ? twice.up(on) : Promise.resolve()) };
    await expect(migrate(db, { ...migrations, "9998-never": twice })).rejects.toMatchObject({ code: "40P01" });
    await migrate(db, { ...migrations, "9998-third": third });
    expect(tries).toBe(3);
  });
});
