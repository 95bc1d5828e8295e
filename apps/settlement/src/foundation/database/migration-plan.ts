import {
  type CompiledQuery,
  type DatabaseConnection,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from "kysely";
import type { Migration } from "kysely/migration";
import type { Database } from "./database.ts";
import { DatabaseNewer, madeMigrations } from "./migrate.ts";

/** One change that would be made, with what it asks of the database. */
export interface PlannedMigration {
  readonly name: string;
  readonly statements: readonly PlannedStatement[];
}

export interface PlannedStatement {
  /** The statement as it would be run, on one line. */
  readonly sql: string;
  /** The tables that are there already and that it names, with what it takes and how much there is. */
  readonly tables: readonly PlannedTable[];
}

export interface PlannedTable {
  readonly name: string;
  /** The strongest lock: `reads` and writes wait, or `writes` wait alone, or nobody does (`none`). */
  readonly blocks: "reads" | "writes" | "none";
  /** As the server estimates them. */
  readonly rows: number;
  readonly bytes: number;
}

/**
 * What bringing this database to the layout of today would run, in order; nothing is changed. The
 * statements are those that the changes themselves ask for, kept in place of being run: a change that
 * looks at rows first is shown as for an empty table. Throws DatabaseNewer.
 */
export async function planMigrations(
  db: Database,
  migrations: Readonly<Record<string, Migration>>,
): Promise<readonly PlannedMigration[]> {
  const made = await madeMigrations(db);
  const unknown = made.filter((name) => !Object.hasOwn(migrations, name));
  if (unknown.length > 0) throw new DatabaseNewer(unknown);
  const tables = await presentTables(db);
  const planned: PlannedMigration[] = [];
  for (const [name, migration] of Object.entries(migrations)) {
    if (made.includes(name)) continue;
    const statements = await statementsOf(migration);
    planned.push({ name, statements: statements.map((text) => ({ sql: text, tables: tablesOf(text, tables) })) });
  }
  return planned;
}

type Sized = Omit<PlannedTable, "blocks">;

async function presentTables(db: Database): Promise<readonly Sized[]> {
  const { rows } = await sql<{ name: string; rows: string; bytes: string }>`
    select relname as name, greatest(reltuples, 0)::bigint::text as rows, pg_total_relation_size(oid)::text as bytes
    from pg_class where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace
    order by relname`.execute(db);
  return rows.map(({ name, rows: count, bytes }) => ({ name, rows: Number(count), bytes: Number(bytes) }));
}

/** Runs a change on a connection that keeps its statements and answers no rows. */
async function statementsOf({ up }: Migration): Promise<readonly string[]> {
  const kept: string[] = [];
  const connection: DatabaseConnection = {
    executeQuery: async ({ sql: text }: CompiledQuery) => {
      kept.push(text.replace(/\s+/g, " ").trim());
      return await Promise.resolve({ rows: [] });
    },
    streamQuery: () => {
      throw new Error("A change of the layout streams nothing.");
    },
  };
  const nothing = async (): Promise<void> => await Promise.resolve();
  const recorder = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createIntrospector: (from) => new PostgresIntrospector(from),
      createDriver: () => ({
        ...{ init: nothing, destroy: nothing, releaseConnection: nothing },
        acquireConnection: async () => await Promise.resolve(connection),
        ...{ beginTransaction: nothing, commitTransaction: nothing, rollbackTransaction: nothing },
      }),
    },
  });
  await up(recorder);
  return kept;
}

function tablesOf(text: string, present: readonly Sized[]): readonly PlannedTable[] {
  // A function's body is only kept.
  if (/^create (or replace )?function/i.test(text)) return [];
  const words = new Set(text.toLowerCase().match(/[a-z_][a-z0-9_]*/g) ?? []);
  return present
    .filter(({ name }) => words.has(name))
    .map((table) => ({ ...table, blocks: blockedBy(text.toLowerCase(), table.name) }));
}

/** Explicit Locking, PostgreSQL: what the statement's own lock on this table keeps waiting. */
function blockedBy(text: string, table: string): PlannedTable["blocks"] {
  if (new RegExp(`^(alter table|drop table|truncate)( if exists)?( only)? ${table}\\b`).test(text)) return "reads";
  if (/^(create (constraint )?trigger|create( unique)? index (?!concurrently))/.test(text))
    return new RegExp(`\\bon ${table}\\b`).test(text) ? "writes" : "none";
  // A foreign key locks the table that it names.
  if (new RegExp(`references ${table}\\b`).test(text)) return "writes";
  return "none";
}
