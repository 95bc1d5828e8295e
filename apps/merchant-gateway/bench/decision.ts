/**
 * How long the gateway itself works on one tap: from the request to the durable outcome, without
 * the time that the card takes. Journal on the disk of this machine, noble for all signatures, one
 * core; then how long one exchange takes with a settlement that answers at once. Prints one JSON
 * line for each row. With `--vouchers N` the journal holds so many vouchers that are not final, with
 * `--cards N` the status list has so many cards, one in a hundred of them blocked.
 *
 * node --conditions=source bench/decision.ts [--samples N] [--vouchers N] [--cards N]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { CardConnection, Reader } from "@tallystick/apdu";
import { toHex, type CardStatus } from "@tallystick/protocol";
import { createGateway } from "../src/app/gateway.ts";
import { openJournal } from "../src/journal/open-journal.ts";
import { claimIsDue } from "../src/claim/late-claim.ts";
import { Exchange } from "../src/sync/exchange.ts";
import type { SettlementPort } from "../src/sync/settlement-client.ts";
import type { Uploader } from "../src/sync/uploader.ts";
import { TestCard } from "../test/harness/test-card.ts";
import {
  allowanceBody,
  domain,
  issuer,
  servedDomain,
  signCertificate,
  signList,
  START,
  terminalSigner,
  TestTerminal,
} from "../test/harness/test-terminal.ts";
import { fillJournal } from "./fill-journal.ts";
import { BYTES_A_MEGABYTE, EXCHANGES, HUNDRED, LEAST_CARDS, MAX_FILLED, STRIDE } from "./limits.ts";

/** Processor time of this process so far. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const { values: options } = parseArgs({
  options: {
    samples: { type: "string", default: "400" },
    warmup: { type: "string", default: "40" },
    vouchers: { type: "string", default: "0" },
    cards: { type: "string", default: "4" },
    // For the process that fills the journal, so that what that needs is not counted with the tap's.
    fill: { type: "string" },
    json: { type: "boolean" },
  },
});
const samples = Number(options.samples);
const warmup = Number(options.warmup);
const vouchers = Number(options.vouchers);
const cards = Number(options.cards);
if (![samples, warmup, vouchers, cards].every((count) => Number.isInteger(count) && count >= 0 && count <= MAX_FILLED))
  throw new RangeError(`counts are whole numbers up to ${MAX_FILLED}`);
if (cards < LEAST_CARDS) throw new RangeError(`a status list has at least ${LEAST_CARDS} cards here`);

const certificate = await signCertificate({ unsentCount: 0xffff_ffff, unsentSum: 2n ** 48n - 1n });
const terminal = await TestTerminal.make({ domains: [await servedDomain({ certificate })] }, { list: false });
terminal.gateway.journal.close();
const folder = options.fill ?? mkdtempSync(join(tmpdir(), "tallystick-bench-"));

let cardMs = 0;
let cardCpuMs = 0;
let card: TestCard | null = null;
const reader: Reader = {
  name: "bench",
  status: () => Promise.reject(new Error("not asked")),
  waitForCard: () => Promise.reject(new Error("not asked")),
  waitForRemoval: () => Promise.reject(new Error("not asked")),
  connect: () => {
    const held = card;
    if (held === null) return Promise.reject(new Error("no card"));
    const connection: CardConnection = {
      reader: "bench",
      atr: new Uint8Array(0),
      transmit: async (command) => {
        const begun = performance.now();
        const cpuBegun = cpuMs();
        const response = await held.transmit(command);
        cardMs += performance.now() - begun;
        cardCpuMs += cpuMs() - cpuBegun;
        return response;
      },
      reset: () => Promise.reject(new Error("not asked")),
      exclusively: () => Promise.reject(new Error("not asked")),
      disconnect: () => Promise.resolve(),
    };
    return Promise.resolve(connection);
  },
};

const config = { ...terminal.config, journalPath: join(folder, "journal.db"), witnessPath: join(folder, "witness") };
const [served] = config.domains;
if (served === undefined) throw new Error("the terminal serves no domain");
if (options.fill !== undefined) {
  const filled = openJournal(config, { terminalKey: terminalSigner.publicKey, now: START });
  fillJournal(filled, served.domainBytes, vouchers, START);
  filled.close();
  terminal.remove();
  process.exit(0);
}
if (vouchers > 0) {
  const args = [...process.execArgv, process.argv[1] ?? "", "--fill", folder, "--vouchers", options.vouchers];
  const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error("the journal was not filled");
}
const readers = { of: () => reader, names: () => Promise.resolve([reader.name]) };
const gateway = createGateway({ config, signer: terminalSigner, readers, readSeconds: () => START });
// The first of each hundred is valid, the last one is blocked.
const statuses = Array.from({ length: cards }, (_, index) => (index % HUNDRED === HUNDRED - 1 ? 2 : 0) as CardStatus);
const offered = gateway.lists.offer(served, await signList({ statuses }), START);
if (!offered.ok) throw new Error(offered.message);

const body = { ...allowanceBody, maxCounter: 1_000_000, noPinCount: 255, noPinSum: 2n ** 47n };
const times: number[] = [];
const computing: number[] = [];
for (let index = 0; index < warmup + samples; index += 1) {
  // Each card is new to the terminal, so that its allowance costs a verification; that is the slow
  // case and the usual one.
  const cardIndex = ((index * STRIDE) % Math.ceil(cards / HUNDRED)) * HUNDRED;
  card = await TestCard.make({ name: `bench ${index}`, issuer, domain, body: { ...body, cardIndex } });
  cardMs = 0;
  cardCpuMs = 0;
  const cpuBegun = cpuMs();
  const begun = performance.now();
  const { outcome, code } = await gateway.engine.tap({
    saleId: null,
    amount: 2_500_000n,
    domains: gateway.policies.all(),
    waitMs: 0,
  });
  const own = performance.now() - begun - cardMs;
  const cpu = cpuMs() - cpuBegun - cardCpuMs;
  if (outcome !== "accepted") throw new Error(`a tap was ${outcome}: ${code}`);
  if (index >= warmup) {
    times.push(own);
    computing.push(cpu);
  }
  gateway.journal.tidy();
  // The card is let go after the answer; the next card comes when that is over.
  await gateway.engine.rest();
}
const exchanges: number[] = [];
const settlement: SettlementPort = {
  authenticated: true,
  upload: () => Promise.reject(new Error("nothing is unsent")),
  statusList: () => signList(),
  vouchers: (ids) =>
    Promise.resolve(new Map(ids.map((id) => [toHex(id), { state: "batched", batch: "1", tx: null, refunds: [] }]))),
};
// Nothing is to be packed: what the taps before have left counts as sent.
gateway.journal.write(() => {
  const { journal } = gateway;
  const ids = journal.vouchers.toPack(served.domainBytes, MAX_FILLED).map(({ id }) => id);
  journal.vouchers.pack(ids, 1);
  for (const id of ids) journal.vouchers.deliver({ id, status: "new", code: null, delivery: "taken" }, START);
});
for (let index = 0; index < EXCHANGES; index += 1) {
  const uploader = { next: () => Promise.resolve(null) } as unknown as Uploader;
  const exchange = new Exchange({ ...gateway, uploader, settlementOf: () => settlement });
  const begun = performance.now();
  const { faults } = await exchange.run();
  claimIsDue(gateway, served);
  if (faults.length > 0) throw new Error(`an exchange failed: ${JSON.stringify(faults)}`);
  exchanges.push(performance.now() - begun);
}
const resident = process.memoryUsage().rss / BYTES_A_MEGABYTE;
gateway.journal.close();
terminal.remove();
rmSync(folder, { recursive: true });

function at(values: readonly number[], part: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

function print(name: string, unit: string, value: number, count: number): void {
  const row = {
    schema: "tallystick.bench/1",
    ...{ name, unit, ours: Number(value.toFixed(3)), peer: null, ratio: null, samples: count },
    ...{ cores: cpus().length, seed: null, node: process.version },
    conditions: { cards, vouchers },
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

// The first two rows are the figure: all that a tap costs but the card. The next two count the
// processor's time alone: on a machine that does other work too, the first two also wait for that
// work and for its disk. The last one is what this whole process keeps in memory, cards included.
print("p50", "ms", at(times, 0.5), times.length);
print("p99", "ms", at(times, 0.99), times.length);
print("p50 cpu", "ms", at(computing, 0.5), computing.length);
print("p99 cpu", "ms", at(computing, 0.99), computing.length);
print("exchange p50", "ms", at(exchanges, 0.5), exchanges.length);
print("rss", "MB", resident, 1);
