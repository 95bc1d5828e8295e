/**
 * How many postings a second the books take by themselves: real PostgreSQL that forces to the disk
 * what it commits, every guard in place, 1,000 postings (500 operations of one debit and one credit)
 * a transaction. Beside it, on the same server and in the same run, the method of pgledger at its
 * best: the same 1,000 postings in one transaction, one function call a payment. The second row counts
 * by the processor's time that the database took, which a busy machine does not change.
 *
 * node --conditions=source bench/ledger.ts [--postings N] [--seconds N]
 */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { Operation } from "@tallystick/ledger-core";
import { startPostgres } from "@tallystick/stack";
import { sql } from "kysely";
import { accountSpec } from "../src/books/postings/chart-of-accounts.ts";
import { createPostgresLedger } from "../src/books/ledger/postgres-ledger.ts";
import { createDatabase, createPool } from "../src/foundation/database/database.ts";
import { migrate } from "../src/foundation/database/migrate.ts";
import { migrations } from "../src/migrations.ts";
import { emptyDatabase } from "../test/harness/shared-cluster.ts";
import {
  CLOCK_TICKS,
  LEDGER_CARDS,
  LEDGER_CLIENTS,
  LEDGER_PAYEES,
  MOST_POSTINGS,
  MOST_SECONDS,
  WARM_GROUPS,
} from "./limits.ts";
import { PeerBooks } from "./pay-peer.ts";
import { benchStatement } from "./statement.ts";

const { values: options } = parseArgs({
  options: {
    postings: { type: "string", default: "1000" },
    seconds: { type: "string", default: "8" },
    json: { type: "boolean" },
  },
});
const [postings, seconds] = [Number(options.postings), Number(options.seconds)];
if (!Number.isInteger(postings) || postings < 2 || postings > MOST_POSTINGS || postings % 2 !== 0)
  throw new RangeError(`--postings takes even numbers from 2 to ${MOST_POSTINGS}`);
if (!Number.isInteger(seconds) || seconds < 1 || seconds > MOST_SECONDS)
  throw new RangeError(`--seconds takes whole numbers from 1 to ${MOST_SECONDS}`);

const postgres = await startPostgres({ durable: true });
const [url, peerUrl] = [await emptyDatabase(postgres), await emptyDatabase(postgres)];
const db = createDatabase(createPool(url));
await migrate(db, migrations);
const peer = await PeerBooks.open(peerUrl, { cards: LEDGER_CARDS, payees: LEDGER_PAYEES });
const ledger = createPostgresLedger(db);

let number = 0;

/** The accounts of one client. */
function accountsOf(client: number): { readonly payees: readonly string[]; readonly cards: readonly string[] } {
  const named = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${kind}:${client}-${index}`);
  return { payees: named("owed", LEDGER_PAYEES), cards: named("card", LEDGER_CARDS) };
}

/** Operations of a transaction: sales from cards to payees. */
function sales(client: number, count: number): readonly Operation[] {
  const { payees, cards } = accountsOf(client);
  return Array.from({ length: count }, (): Operation => {
    number += 1;
    const [debit = "", credit = ""] = [payees[number % payees.length], cards[number % cards.length]];
    return { kind: "transfer", id: `paid:${number}`, debit, credit, amount: 1n };
  });
}

interface Rate {
  readonly samples: number;
  readonly aSecond: number;
  /** Postings in a second of the processor's time that the database's sessions took. */
  readonly aCpuSecond: number;
}

/** Seconds of the processor that the sessions of a database have taken. */
async function cpuOf(url: string): Promise<number> {
  const name = new URL(url).pathname.slice(1);
  const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity where datname = ${name}`.execute(db);
  const ticks = rows.map(({ pid }) => {
    // Behind the name in brackets: user time and system time are the 12th and 13th fields.
    const [user = "0", system = "0"] =
      readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ").slice(11, 13) ?? [];
    return Number(user) + Number(system);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / CLOCK_TICKS;
}

/** How fast some clients post for so many seconds. */
async function rate(url: string, clients: number, work: (client: number) => Promise<number>): Promise<Rate> {
  let samples = 0;
  const before = await cpuOf(url);
  const begun = performance.now();
  const post = async (client: number): Promise<void> => {
    while (performance.now() - begun < seconds * 1_000) samples += await work(client);
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => post(client)));
  const ms = performance.now() - begun;
  const cpu = (await cpuOf(url)) - before;
  return { samples, aSecond: (samples * 1_000) / ms, aCpuSecond: samples / cpu };
}

async function post(client: number): Promise<number> {
  const outcome = await ledger.apply({ atMs: Date.now(), operations: sales(client, postings / 2) });
  if (!outcome.ok) throw new Error(outcome.message);
  return postings;
}

/** Every client's session has done its first work, and planned its statements, before the clock runs. */
async function warm(client: number): Promise<void> {
  const { payees, cards } = accountsOf(client);
  await ledger.openAccounts([...payees, ...cards].map((id) => accountSpec(id, "TUSD")));
  for (let group = 0; group < WARM_GROUPS; group += 1) await post(client);
}

await Promise.all(Array.from({ length: LEDGER_CLIENTS }, (_, client) => warm(client)));
const ours = await rate(url, LEDGER_CLIENTS, post);
// Two such transactions lock accounts in the order of their payments, and wait for each other in a ring.
const theirs = await rate(peerUrl, 1, async () => 2 * (await peer.payTogether(postings / 2)));

function print(name: string, unit: string, field: "aSecond" | "aCpuSecond"): void {
  const round = (value: number): number => Number(value.toFixed(3));
  const row = {
    ...{ schema: "tallystick.bench/1", name, unit, ours: round(ours[field]) },
    peer: { name: "one function call a payment (pgledger)", value: round(theirs[field]) },
    ...{ ratio: round(ours[field] / theirs[field]), samples: ours.samples, cores: cpus().length, seed: null },
    node: process.version,
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
print("postings", "postings/s", "aSecond");
print("postings a second of the database's processor", "postings/s", "aCpuSecond");
await benchStatement(db);
await Promise.all([db.destroy(), peer.close()]);
await postgres.stop();
