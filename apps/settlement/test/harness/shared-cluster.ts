import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeWorkFolder, startPostgres } from "@tallystick/stack";
import pg from "pg";
import { createDatabase, createPool } from "../../src/foundation/database/database.ts";
import { migrate } from "../../src/foundation/database/migrate.ts";
import { migrations } from "../../src/migrations.ts";

/** The cluster of this process: where it takes connections. */
export interface Cluster {
  readonly url: string;
  readonly port: number;
}

/** A database of the cluster and its end. */
export interface OwnDatabase {
  readonly url: string;
  /** Drops it, whoever is still connected. */
  readonly drop: () => Promise<void>;
}

/** What every migrated database is a copy of. */
const TEMPLATE = "migrated";

/**
 * The beginning of the folder where the cluster of this process is noted: Jest loads modules anew for each file, and a cluster
 * costs more than most files need. Cluster and folder end with the process. Tests that stop their cluster start one of their own.
 */
const NOTED = `cluster-${process.pid}`;
const NOTE = "cluster.json";

let cluster: Promise<Cluster> | null = null;

/** The URL of one database of a cluster. */
function databaseUrl({ url }: Pick<Cluster, "url">, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}

async function run({ url }: Pick<Cluster, "url">, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The cluster of an earlier file; a note that an ended process with this number left says nothing. */
async function noted(): Promise<Cluster | null> {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(`tallystick-${NOTED}-`));
  for (const folder of folders) {
    try {
      const found = JSON.parse(readFileSync(join(tmpdir(), folder, NOTE), "utf8")) as Cluster;
      await run(found, "select 1");
      return found;
    } catch {
      continue;
    }
  }
  return null;
}

async function start(): Promise<Cluster> {
  const found = await noted();
  if (found !== null) return found;
  const { url, port } = await startPostgres();
  const made = { url, port };
  await run(made, `create database ${TEMPLATE}`);
  const db = createDatabase(createPool(databaseUrl(made, TEMPLATE)));
  await migrate(db, migrations);
  await db.destroy();
  writeFileSync(join(makeWorkFolder(NOTED).path, NOTE), JSON.stringify(made), { mode: 0o600 });
  return made;
}

/** The PostgreSQL that all test files of this process share. */
export async function sharedCluster(): Promise<Cluster> {
  return await (cluster ??= start());
}

/** Makes a database with nothing in it, or with every table and no row; returns its URL. */
async function newDatabase(cluster: Pick<Cluster, "url">, template?: string): Promise<string> {
  const name = `settlement_${randomBytes(6).toString("hex")}`;
  await run(cluster, `create database ${name}${template === undefined ? "" : ` template ${template}`}`);
  return databaseUrl(cluster, name);
}

/** Makes an empty database in a cluster; returns its URL. */
export async function emptyDatabase(cluster: Pick<Cluster, "url">): Promise<string> {
  return await newDatabase(cluster);
}

/** Makes a database in the shared cluster: with every table and no row, or empty. */
export async function ownDatabase(kind: "migrated" | "empty" = "migrated"): Promise<OwnDatabase> {
  const shared = await sharedCluster();
  const url = await newDatabase(shared, kind === "empty" ? undefined : TEMPLATE);
  const name = new URL(url).pathname.slice(1);
  return { url, drop: () => run(shared, `drop database if exists ${name} with (force)`) };
}

/** Binds a database to a vault as after a raised restore generation: what the chain has is accepted as lost. */
export async function acceptChain(
  url: string,
  { chainId, vault, token }: { readonly chainId: number | string; readonly vault: string; readonly token: string },
): Promise<void> {
  const bytes = (address: string) => `decode('${address.slice(2)}', 'hex')`;
  await run(
    { url },
    `insert into installation (chain_id, vault, token, restore_generation, accepted_block)
     values (${chainId}, ${bytes(vault)}, ${bytes(token)}, 0, 9223372036854775807)`,
  );
}
