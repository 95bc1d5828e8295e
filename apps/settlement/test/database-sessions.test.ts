import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { startPostgres, startTcpProxy, type Postgres, type TcpProxy } from "@tallystick/stack";
import { sql } from "kysely";
import pg from "pg";
import { databaseAwayReason } from "../src/foundation/database/database-away.ts";
import { createDatabase, createPool, type Database, type DatabaseTimes } from "../src/foundation/database/database.ts";

const TIMES: DatabaseTimes = { connectMs: 60_000, statementMs: 60_000, answerMs: 60_000 };

const one = (db: Database) => sql<{ one: number }>`select 1 as one`.execute(db).then(({ rows }) => rows[0]?.one);

async function reasonOf(work: Promise<unknown>): Promise<string | null> {
  return work.then(
    () => "nothing failed",
    (error: unknown) => databaseAwayReason(error) ?? `unexpected: ${String(error)}`,
  );
}

describe("sessions of the database", () => {
  let postgres: Postgres;
  let proxy: TcpProxy;
  let other: pg.Client;
  const databases: Database[] = [];

  beforeAll(async () => {
    postgres = await startPostgres();
    proxy = await startTcpProxy({ port: postgres.port });
    other = new pg.Client({ connectionString: postgres.url });
    await other.connect();
    await other.query("create table facts (id int primary key)");
  });
  afterEach(async () => {
    proxy.pass();
    await Promise.all(databases.splice(0).map((db) => db.destroy()));
  });
  afterAll(async () => {
    await other.end();
    await proxy.stop();
    await postgres.stop();
  });

  function open(url: string, times: Partial<DatabaseTimes> = {}): Database {
    const db = createDatabase(createPool(url, { ...TIMES, ...times }));
    databases.push(db);
    return db;
  }
  const backend = async (trx: Database) =>
    (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx)).rows[0]?.pid;

  it("may be ended by the server between two statements of a transaction", async () => {
    const db = open(postgres.url);
    const work = db.transaction().execute(async (trx) => {
      await sql`insert into facts values (1)`.execute(trx);
      const pid = await backend(trx);
      await other.query("select pg_terminate_backend($1)", [pid]);
      // Until the server has ended it; what follows meets a session that is gone.
      for (let gone = false; !gone;) {
        gone = (await other.query("select 1 from pg_stat_activity where pid = $1", [pid])).rowCount === 0;
      }
      await sql`insert into facts values (2)`.execute(trx);
    });
    expect(await reasonOf(work)).toMatch(/^(57P01|ECONNRESET|Connection terminated|Client has encountered)/);
    expect(await one(db)).toBe(1);
    expect((await other.query("select id from facts")).rows).toEqual([]);
  });

  it("may be ended by its time limit while it is idle in a transaction", async () => {
    const db = open(postgres.url, { statementMs: 250 });
    const work = db.transaction().execute(async (trx) => {
      const pid = await backend(trx);
      for (let gone = false; !gone;) {
        gone = (await other.query("select 1 from pg_stat_activity where pid = $1", [pid])).rowCount === 0;
      }
      await one(trx);
    });
    expect(await reasonOf(work)).toMatch(/^(25P03|ECONNRESET|Connection terminated|Client has encountered)/);
    expect(await one(db)).toBe(1);
  });

  it("may be cut off together, and come back by themselves", async () => {
    const db = open(proxy.through(postgres.url));
    expect(await one(db)).toBe(1);
    proxy.cut();
    expect(await reasonOf(one(db))).not.toMatch(/^(nothing|unexpected)/);
    expect(await reasonOf(one(db))).not.toMatch(/^(nothing|unexpected)/);
    proxy.pass();
    expect(await one(db)).toBe(1);
  });

  it("are given up where no answer comes, and another one is opened", async () => {
    const db = open(proxy.through(postgres.url), { answerMs: 1_000 });
    const before = await backend(db);
    proxy.stall();
    expect(await reasonOf(one(db))).toBe("Query read timeout");
    proxy.pass();
    expect(await one(db)).toBe(1);
    expect(await backend(db)).not.toBe(before);
  });

  it("are not waited for without end where all are busy, or none can be opened", async () => {
    const db = open(proxy.through(postgres.url), { connectMs: 200 });
    proxy.stall();
    expect(await reasonOf(one(db))).toBe("Connection terminated due to connection timeout");
  });

  it("are opened at the host that takes writes", async () => {
    const replica = await startPostgres();
    try {
      const admin = new pg.Client({ connectionString: replica.url });
      await admin.connect();
      // One URL has one password for all its hosts.
      await admin.query(`alter user tallystick password '${new URL(postgres.url).password}'`);
      await admin.query("alter system set default_transaction_read_only = on");
      await admin.query("select pg_reload_conf()");
      await admin.end();
      const hosts = `127.0.0.1:${replica.port},127.0.0.1:${postgres.port}`;
      const db = open(postgres.url.replace(`127.0.0.1:${postgres.port}`, hosts));
      expect(await reasonOf(one(db))).toBe("DATABASE_AWAY");
      expect(await one(db)).toBe(1);
      const port = await sql<{ port: number }>`select inet_server_port() as port`.execute(db);
      expect(port.rows).toEqual([{ port: postgres.port }]);
    } finally {
      await replica.stop();
    }
  });

  it("leave a host that ended them", async () => {
    const hosts = `127.0.0.1:${proxy.port},127.0.0.1:${postgres.port}`;
    const db = open(postgres.url.replace(`127.0.0.1:${postgres.port}`, hosts));
    expect(await one(db)).toBe(1);
    proxy.cut();
    await reasonOf(one(db));
    await reasonOf(one(db));
    expect(await one(db)).toBe(1);
  });
});
