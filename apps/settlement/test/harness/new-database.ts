import { randomBytes } from "node:crypto";
import type { Postgres } from "@tallystick/stack";
import pg from "pg";

/** Makes an empty database in a cluster; returns its URL. */
export async function newDatabase({ url }: Postgres): Promise<string> {
  const name = `settlement_${randomBytes(6).toString("hex")}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}
