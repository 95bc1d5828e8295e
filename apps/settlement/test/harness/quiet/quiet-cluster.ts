import { randomBytes } from "node:crypto";
import { startPostgres, type Postgres } from "@tallystick/stack";
import pg from "pg";
import { createDatabase, createPool } from "../../../src/foundation/database/database.ts";
import { migrate } from "../../../src/foundation/database/migrate.ts";
import { migrations } from "../../../src/migrations.ts";

/** A database of the cluster and its end. */
export interface QuietDatabase {
  readonly url: string;
  /** Drops it, whoever is still connected. */
  readonly drop: () => Promise<void>;
}

/** What every database is a copy of. */
const TEMPLATE = "migrated";

/** Jest loads modules anew for each file, so that each has a cluster of its own, which has to end with it. */
const endsWithFile = process.env["JEST_WORKER_ID"] !== undefined;

let cluster: Promise<Postgres> | null = null;
let used = 0;

function urlOf({ url }: Postgres, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}

async function run({ url }: Postgres, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

async function start(): Promise<Postgres> {
  const postgres = await startPostgres();
  await run(postgres, `create database ${TEMPLATE}`);
  const db = createDatabase(createPool(urlOf(postgres, TEMPLATE)));
  await migrate(db, migrations);
  await db.destroy();
  return postgres;
}

/**
 * Makes a database with every table and no row. Where modules stay loaded from file to file, as in
 * a run that changes the sources, all files share one cluster, which ends with the process.
 */
export async function quietDatabase(): Promise<QuietDatabase> {
  used += 1;
  const postgres = await (cluster ??= start());
  const name = `settlement_${randomBytes(6).toString("hex")}`;
  await run(postgres, `create database ${name} template ${TEMPLATE}`);
  const drop = async (): Promise<void> => {
    used -= 1;
    if (used > 0 || !endsWithFile) return run(postgres, `drop database ${name} with (force)`);
    cluster = null;
    await postgres.stop();
  };
  return { url: urlOf(postgres, name), drop };
}
