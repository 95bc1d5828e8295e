import { Kysely, PostgresDialect, type Transaction } from "kysely";
import pg from "pg";
import { LIMITS } from "../limits/limits.ts";
import { DatabaseHosts } from "./database-hosts.ts";
import { sessionClass } from "./database-session.ts";
import type { Schema } from "./schema.ts";

export type Database = Kysely<Schema>;
export type DatabaseTransaction = Transaction<Schema>;

/** Injection token of the Kysely instance. */
export const DATABASE = Symbol("DATABASE");
/** Injection token of the pg pool below it; the ledger's engine uses it too. */
export const POOL = Symbol("POOL");

/** Milliseconds; tests shorten them. */
export interface DatabaseTimes {
  /** Until a session is open, or one of the pool is free. */
  readonly connectMs: number;
  /** Until the server cancels a statement, or ends a session that is idle in a transaction. */
  readonly statementMs: number;
  /** Until a session without an answer is given up: the server may be gone without a word. */
  readonly answerMs: number;
}

const DATABASE_TIMES: DatabaseTimes = {
  connectMs: LIMITS.databaseConnectMs,
  statementMs: LIMITS.statementTimeoutMs,
  answerMs: LIMITS.databaseAnswerMs,
};

/**
 * A pool whose int8 columns arrive as bigint and whose statements have a time limit. The URL may
 * name several hosts, as libpq does; sessions are opened at the one that takes writes.
 */
export function createPool(url: string, times: DatabaseTimes = DATABASE_TIMES): pg.Pool {
  const hosts = new DatabaseHosts(url);
  const types = {
    getTypeParser(id: number, format?: "text" | "binary"): (value: string) => unknown {
      if (id === pg.types.builtins.INT8 && format !== "binary") return (value: string) => BigInt(value);
      return pg.types.getTypeParser(id, format as "text") as (value: string) => unknown;
    },
  };
  const pool = new pg.Pool({
    Client: sessionClass(hosts),
    max: LIMITS.databaseConnections,
    connectionTimeoutMillis: times.connectMs,
    statement_timeout: times.statementMs,
    idle_in_transaction_session_timeout: times.statementMs,
    query_timeout: times.answerMs,
    keepAlive: true,
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
