import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { assertEmpty, makeRoom } from "../../src/foundation/database/copies/restored-database.ts";
import { type OwnDatabase, ownDatabase } from "../harness/shared-cluster.ts";

let database: OwnDatabase;

beforeAll(async () => {
  database = await ownDatabase("empty");
});
afterAll(() => database.drop());

async function query(statement: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

describe("a database that a restore would replace", () => {
  it.each([
    ["a table", "create table public.kept (it int)", "drop table public.kept"],
    ["a schema of its own", "create schema tally", "drop schema tally"],
    ["a table elsewhere", "create schema tally create table kept (it int)", "drop schema tally cascade"],
    ["a schema that looks like PostgreSQL's own", "create schema pgdata", "drop schema pgdata"],
    ["a type", "create type kept as enum ('it')", "drop type kept"],
    ["a routine", "create function kept() returns int language sql return 1", "drop function kept"],
    ["a large object", "select lo_create(77)", "select lo_unlink(77)"],
  ])("is left alone where it holds %s", async (_, make, takeAway) => {
    await query(make);
    await expect(makeRoom(database.url, "it")).rejects.toMatchObject({ code: "DATABASE_NOT_EMPTY" });
    await query(takeAway);
    await expect(assertEmpty(database.url, "it")).resolves.toBeUndefined();
  });

  it("is taken away where it holds nothing, and is none where it is not there", async () => {
    const name = new URL(database.url).pathname.slice(1);
    await makeRoom(database.url, name);
    await expect(query("select 1")).rejects.toMatchObject({ code: "3D000" });
    await expect(assertEmpty(database.url, name)).resolves.toBeUndefined();
  });
});
