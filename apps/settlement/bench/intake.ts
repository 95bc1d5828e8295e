/**
 * How much the program takes in: the real one as a process of its own, over HTTP, with a durable
 * PostgreSQL, valid vouchers and real signatures. Each terminal sends its uploads one after another,
 * all terminals at once. At 1,000, 10,000 and 50,000 stored vouchers it prints one JSON line for
 * each row: vouchers posted a second beside the method of pgledger on the same server, the 99th
 * percentile of an upload of each size, what the program keeps in memory, and how many bookings a
 * second the log of the books takes in.
 *
 * node --conditions=source bench/intake.ts [--cards N] [--sizes N,N] [--terminals N] [--levels N,N]
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import pg from "pg";
import { createPostgresLedger } from "../src/books/ledger/postgres-ledger.ts";
import { createDatabase, createPool } from "../src/foundation/database/database.ts";
import { startBenchStack } from "./bench-stack.ts";
import { FILL_SIZE, LEVELS, MOST_PARTIES, MOST_STORED, PEER_PAYMENTS, RATE_VOUCHERS, TIMED_UPLOADS } from "./limits.ts";
import { PayingParties, type CallApi } from "./paying-parties.ts";
import { PeerBooks } from "./pay-peer.ts";

const { values: options } = parseArgs({
  options: {
    cards: { type: "string", default: "200" },
    sizes: { type: "string", default: "85" },
    terminals: { type: "string", default: "4" },
    levels: { type: "string", default: LEVELS.join(",") },
    json: { type: "boolean" },
  },
});
const sizes = options.sizes.split(",").map(Number);
const levels = options.levels.split(",").map(Number);
const [cards, terminals] = [Number(options.cards), Number(options.terminals)];
for (const [name, count, most] of [
  ["cards", cards, MOST_PARTIES],
  ["terminals", terminals, MOST_PARTIES],
  ...sizes.map((size) => ["sizes", size, FILL_SIZE] as const),
  ...levels.map((level) => ["levels", level, MOST_STORED] as const),
] as const) {
  if (!Number.isInteger(count) || count < 1 || count > most)
    throw new RangeError(`--${name} takes whole numbers from 1 to ${most}`);
}

function print(name: string, unit: string, ours: number, more: { samples: number; peer?: number }): void {
  const round = (value: number): number => Number(value.toFixed(3));
  const peer =
    more.peer === undefined ? null : { name: "one function call a payment (pgledger)", value: round(more.peer) };
  const row = {
    ...{ schema: "tallystick.bench/1", name, unit, ours: round(ours), peer },
    ...{ ratio: more.peer === undefined ? null : round(ours / more.peer), samples: more.samples },
    ...{ cores: cpus().length, seed: null, node: process.version },
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

const issuerSecret = randomBytes(32);
const stack = await startBenchStack(issuerSecret);
const { databaseUrl } = stack;
const { program } = stack;

const call: CallApi = async (path, body, token) => {
  const door = path === "/v1/uploads" ? program.url : program.administration;
  const response = await fetch(`${door}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as unknown;
};

const database = new pg.Client({ connectionString: databaseUrl });
await database.connect();
const { domain, owner, issuerToken: token } = stack;
const means = { domain, issuerSecret, owner, token, call, database };
const parties = await PayingParties.register({ cards, terminals }, means);
const peer = await PeerBooks.open(await stack.createDatabase(), { cards, payees: terminals });

let stored = 0;

/** Sends so many vouchers in uploads of a size, all terminals at once; the milliseconds of each upload. */
async function send(
  vouchers: number,
  size: number,
): Promise<{ readonly ms: number; readonly uploads: readonly number[] }> {
  const planned = Array.from({ length: Math.ceil(vouchers / size) }, (_, place) => place % parties.terminals.length);
  // They are signed before the clock starts.
  const queues = await Promise.all(
    parties.terminals.map(async (terminal, place) => {
      const bodies: unknown[] = [];
      for (const own of planned) if (own === place) bodies.push(await parties.upload(terminal, size));
      return bodies;
    }),
  );
  const uploads: number[] = [];
  const begun = performance.now();
  await Promise.all(
    queues.map(async (bodies) => {
      for (const body of bodies) {
        const sent = performance.now();
        const { results } = (await call("/v1/uploads", body)) as { results: readonly { status: string }[] };
        uploads.push(performance.now() - sent);
        if (results.length !== size || results.some(({ status }) => status !== "new"))
          throw new Error("an upload was not taken in as new");
      }
    }),
  );
  stored += planned.length * size;
  return { ms: performance.now() - begun, uploads };
}

/** Megabytes: resident now, and the most so far. */
function memory(): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${program.pid}/status`, "utf8");
  const megabytes = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1_024;
  return { now: megabytes("VmRSS"), most: megabytes("VmHWM") };
}

/** Bookings that the log takes in a second, of those that wait. */
async function sealRate(): Promise<{ readonly rate: number; readonly sealed: number }> {
  const pool = createPool(databaseUrl);
  const db = createDatabase(pool);
  const { log } = createPostgresLedger(db);
  const before = (await log.head()).size;
  const begun = performance.now();
  const { size } = await log.seal();
  const ms = performance.now() - begun;
  await db.destroy();
  return { rate: ((size - before) * 1_000) / ms, sealed: size - before };
}

for (const level of levels) {
  while (stored < level)
    await send(Math.min(level - stored, FILL_SIZE * terminals), Math.min(level - stored, FILL_SIZE));
  await peer.fillTo(level);
  await sealRate();
  const at = `at ${level}`;
  const { ms } = await send(RATE_VOUCHERS, FILL_SIZE);
  const peerRate = await peer.rate(PEER_PAYMENTS);
  print(`posted ${at}`, "vouchers/s", (RATE_VOUCHERS * 1_000) / ms, { samples: RATE_VOUCHERS, peer: peerRate });
  for (const size of sizes) {
    const timed = await send(TIMED_UPLOADS * size, size);
    const sorted = timed.uploads.toSorted((left, right) => left - right);
    const p99 = sorted[Math.min(sorted.length - 1, Math.floor(0.99 * sorted.length))] ?? Number.NaN;
    print(`p99 of an upload of ${size} ${at}`, "ms", p99, { samples: sorted.length });
    print(`posted in uploads of ${size} ${at}`, "vouchers/s", (timed.uploads.length * size * 1_000) / timed.ms, {
      samples: timed.uploads.length * size,
    });
  }
  const { rate, sealed } = await sealRate();
  print(`log ${at}`, "bookings/s", rate, { samples: sealed });
  const { now, most } = memory();
  print(`rss ${at}`, "MB", now, { samples: 1 });
  print(`most rss ${at}`, "MB", most, { samples: 1 });
}
await Promise.all([database.end(), peer.close()]);
await stack.stop();
