import { Kysely, PostgresDialect, type Transaction } from "kysely";
import pg from "pg";
import { LIMITS } from "../limits/limits.ts";
import type { Schema } from "./schema.ts";

export type Database = Kysely<Schema>;
export type DatabaseTransaction = Transaction<Schema>;

/** Injection token of the Kysely instance. */
export const DATABASE = Symbol("DATABASE");
/** Injection token of the pg pool below it; the ledger's engine uses it too. */
export const POOL = Symbol("POOL");

/** PostgreSQL's type number of int8: read as bigint, because money is in it. */
const INT8 = 20;

/** A pool whose int8 columns arrive as bigint and whose statements have a time limit. */
export function createPool(url: string): pg.Pool {
  const types = {
    getTypeParser(id: number, format?: "text" | "binary"): (value: string) => unknown {
      if (id === INT8 && format !== "binary") return (value: string) => BigInt(value);
      return pg.types.getTypeParser(id, format as "text") as (value: string) => unknown;
    },
  };
  const pool = new pg.Pool({
    connectionString: url,
    max: LIMITS.databaseConnections,
    statement_timeout: LIMITS.statementTimeoutMs,
    idle_in_transaction_session_timeout: LIMITS.statementTimeoutMs,
    types: types as unknown as pg.CustomTypesConfig,
  });
  // An idle connection that breaks (database restarted) must not end the process: the next query
  // opens another one.
  pool.on("error", () => undefined);
  return pool;
}

export function createDatabase(pool: pg.Pool): Database {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}
