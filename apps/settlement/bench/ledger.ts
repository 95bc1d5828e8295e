/**
 * How many postings a second the books take by themselves: real PostgreSQL that forces to the disk
 * what it commits, every guard in place, 1,000 postings (500 operations of one debit and one credit)
 * a transaction. Beside it, on the same server and in the same run, the method of pgledger at its
 * best: the same 1,000 postings in one transaction, one function call a payment.
 *
 * node --conditions=source bench/ledger.ts [--postings N] [--seconds N]
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { Operation } from "@tallystick/ledger-core";
import { startPostgres } from "@tallystick/stack";
import { accountSpec } from "../src/books/postings/chart-of-accounts.ts";
import { createPostgresLedger } from "../src/books/ledger/postgres-ledger.ts";
import { createDatabase, createPool } from "../src/foundation/database/database.ts";
import { migrate } from "../src/foundation/database/migrate.ts";
import { migrations } from "../src/migrations.ts";
import { emptyDatabase } from "../test/harness/shared-cluster.ts";
import { LEDGER_CARDS, LEDGER_CLIENTS, LEDGER_PAYEES, MOST_POSTINGS, MOST_SECONDS, WARM_GROUPS } from "./limits.ts";
import { PeerBooks } from "./pay-peer.ts";

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
const pool = createPool(await emptyDatabase(postgres));
const db = createDatabase(pool);
await migrate(db, migrations);
const peer = await PeerBooks.open(await emptyDatabase(postgres), { cards: LEDGER_CARDS, payees: LEDGER_PAYEES });
const ledger = createPostgresLedger(db);

let number = 0;

/** Operations of a transaction: sales from cards to payees. */
function sales(count: number): readonly Operation[] {
  return Array.from({ length: count }, (): Operation => {
    number += 1;
    const [debit, credit] = [`owed:${number % LEDGER_PAYEES}`, `card:${number % LEDGER_CARDS}`];
    return { kind: "transfer", id: `paid:${number}`, debit, credit, amount: 1n };
  });
}

/** Postings a second for so many seconds, by some clients at once. */
async function rate(
  clients: number,
  work: () => Promise<number>,
): Promise<{ readonly rate: number; readonly samples: number }> {
  let done = 0;
  const begun = performance.now();
  const client = async (): Promise<void> => {
    while (performance.now() - begun < seconds * 1_000) done += await work();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { rate: (done * 1_000) / (performance.now() - begun), samples: done };
}

async function post(): Promise<number> {
  const outcome = await ledger.apply({ atMs: Date.now(), operations: sales(postings / 2) });
  if (!outcome.ok) throw new Error(outcome.message);
  return postings;
}

const ids = [
  ...Array.from({ length: LEDGER_PAYEES }, (_, index) => `owed:${index}`),
  ...Array.from({ length: LEDGER_CARDS }, (_, index) => `card:${index}`),
];
await ledger.openAccounts(ids.map((id) => accountSpec(id, "TUSD")));
for (let warm = 0; warm < WARM_GROUPS; warm += 1) await post();
const ours = await rate(LEDGER_CLIENTS, post);
// Two such transactions lock accounts in the order of their payments, and wait for each other in a ring.
const theirs = await rate(1, async () => 2 * (await peer.payTogether(postings / 2)));
const round = (value: number): number => Number(value.toFixed(3));
const row = {
  ...{ schema: "tallystick.bench/1", name: "postings", unit: "postings/s", ours: round(ours.rate) },
  peer: { name: "one function call a payment (pgledger)", value: round(theirs.rate) },
  ...{ ratio: round(ours.rate / theirs.rate), samples: ours.samples, cores: cpus().length, seed: null },
  node: process.version,
};
process.stdout.write(`${JSON.stringify(row)}\n`);
await Promise.all([db.destroy(), peer.close()]);
await postgres.stop();
