import { randomBytes } from "node:crypto";
import { ProgramError } from "@tallystick/program";
import pg from "pg";
import { createDatabase, createPool, type Database } from "../database.ts";
import { urlsOfHosts } from "../database-hosts.ts";
import { withDatabase } from "./database-url.ts";
import { COPY_CONNECT_MS, COPY_NAME_BYTES, COPY_STATEMENT_MS, LEFT_DATABASES } from "./limits.ts";
import { runPostgresProgram } from "./postgres-program.ts";

/** Databases of this name are made by restoring and taken away by it; no other is touched. */
const PREFIX = "tallystick_restored_";

/** A copy that was restored into a database of its own, beside the others of its server. */
export interface RestoredDatabase {
  readonly name: string;
  readonly url: string;
  readonly db: Database;
  /** Gives the database its lasting name; it must not be taken. */
  keepAs(name: string): Promise<void>;
  /** Takes the database away, where it was not kept. */
  end(): Promise<void>;
}

/**
 * Restores a copy into a new database of the server that the URL names, in one transaction. What
 * earlier runs left there when they were killed is taken away. Rejects with ProgramError.
 */
export async function restoreCopy(url: string, file: string): Promise<RestoredDatabase> {
  const server = await connectTo(withDatabase(url, "postgres"));
  const name = `${PREFIX}${randomBytes(COPY_NAME_BYTES).toString("hex")}`;
  const own = withDatabase(url, name);
  try {
    await dropLeft(server);
    await server.query(`create database ${name} template template0`);
    try {
      // A session of this run stands for it: nobody drops a database that is in use.
      const guard = await connectTo(own);
      await restoreInto(own, file).catch(async (error: unknown) => {
        await guard.end();
        throw error;
      });
      return restored({ server, guard, name, url: own });
    } catch (error) {
      await server.query(`drop database if exists ${name}`);
      throw error;
    }
  } catch (error) {
    await server.end();
    throw error;
  }
}

async function restoreInto(url: string, file: string): Promise<void> {
  await runPostgresProgram({
    ...{ program: "pg_restore", url, code: "RESTORE_FAILED" },
    args: ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", file],
    next: "See what pg_restore says; nothing was kept. Use another copy where this one is damaged.",
  });
}

interface Parts {
  readonly server: pg.Client;
  readonly guard: pg.Client;
  readonly name: string;
  readonly url: string;
}

function restored({ server, guard, name, url }: Parts): RestoredDatabase {
  const times = { connectMs: COPY_CONNECT_MS, statementMs: COPY_STATEMENT_MS, answerMs: COPY_STATEMENT_MS };
  const db = createDatabase(createPool(url, times));
  let kept = false;
  let held = true;
  const release = async (): Promise<void> => {
    if (!held) return;
    held = false;
    await db.destroy();
    await guard.end();
  };
  return {
    ...{ name, url, db },
    keepAs: async (lasting) => {
      await release();
      await server.query(`alter database ${name} rename to ${pg.escapeIdentifier(lasting)}`);
      kept = true;
    },
    end: async () => {
      await release();
      if (!kept) await server.query(`drop database if exists ${name}`);
      await server.end();
    },
  };
}

/** Takes away what killed runs left; what another run is using stays. */
async function dropLeft(server: pg.Client): Promise<void> {
  const { rows } = await server.query<{ datname: string }>(
    `select datname from pg_database where datname like $1
       and not exists (select from pg_stat_activity a where a.datname = pg_database.datname)
     order by datname limit $2`,
    [`${PREFIX.replaceAll("_", "\\_")}%`, LEFT_DATABASES],
  );
  for (const { datname } of rows) {
    // Another run may have begun to use it meanwhile, or have taken it away.
    await server.query(`drop database if exists ${pg.escapeIdentifier(datname)}`).catch(() => undefined);
  }
}

/**
 * True where the server has a database of this name that holds anything of anybody: a schema besides
 * `public`, a relation, type or routine in whatever schema, or a large object.
 */
async function isInUse(url: string): Promise<boolean> {
  let client: pg.Client;
  try {
    client = await connectTo(url);
  } catch (error) {
    if ((error as { code?: unknown }).code === "3D000") return false;
    throw error;
  }
  try {
    const { rows } = await client.query<{ held: boolean }>(
      `with made as (
        select oid, nspname from pg_namespace where nspname <> 'information_schema' and left(nspname, 3) <> 'pg_')
      select exists (select from made where nspname <> 'public')
        or exists (select from pg_class where relnamespace in (select oid from made))
        or exists (select from pg_type where typnamespace in (select oid from made))
        or exists (select from pg_proc where pronamespace in (select oid from made))
        or exists (select from pg_largeobject_metadata) as held`,
    );
    return rows[0]?.held !== false;
  } finally {
    await client.end();
  }
}

/** Rejects with DATABASE_NOT_EMPTY where the database is there and holds anything. */
export async function assertEmpty(url: string, name: string): Promise<void> {
  if (await isInUse(url))
    throw new ProgramError("DATABASE_NOT_EMPTY", `The database ${name} is there and holds something.`, {
      exit: "store",
      next: "Rename it, or let databaseUrl name a new database: a restore replaces nothing.",
    });
}

/** Takes an empty database away, so that its name is free. Rejects where it is used, or holds anything. */
export async function makeRoom(url: string, name: string): Promise<void> {
  await assertEmpty(url, name);
  const server = await connectTo(withDatabase(url, "postgres"));
  try {
    await server.query(`drop database if exists ${pg.escapeIdentifier(name)}`);
  } finally {
    await server.end();
  }
}

/** A session at the first host that answers. */
async function connectTo(url: string): Promise<pg.Client> {
  let last: unknown;
  for (const connectionString of urlsOfHosts(url)) {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: COPY_CONNECT_MS });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
