/**
 * How long the gateway itself works on one tap: from the request to the durable outcome, without
 * the time that the card takes. Journal on the disk of this machine, noble for all signatures, one
 * core; then how long one exchange takes with a settlement that answers at once. Prints one JSON
 * line for each row. With `--vouchers N` the journal holds so many vouchers that are not final.
 *
 * node --conditions=source bench/decision.ts [--samples N] [--vouchers N]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { CardConnection, Reader } from "@tallystick/apdu";
import { toHex } from "@tallystick/protocol";
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
import { EXCHANGES, MAX_FILLED } from "./limits.ts";

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
    json: { type: "boolean" },
  },
});
const samples = Number(options.samples);
const warmup = Number(options.warmup);
const vouchers = Number(options.vouchers);
if (![samples, warmup, vouchers].every((count) => Number.isInteger(count) && count >= 0 && count <= MAX_FILLED))
  throw new RangeError(`counts are whole numbers up to ${MAX_FILLED}`);

const certificate = await signCertificate({ unsentCount: 0xffff_ffff, unsentSum: 2n ** 48n - 1n });
const terminal = await TestTerminal.make({ domains: [await servedDomain({ certificate })] }, { list: false });
terminal.gateway.journal.close();
const folder = mkdtempSync(join(tmpdir(), "tallystick-bench-"));

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
const filled = openJournal(config, { terminalKey: terminalSigner.publicKey, now: START });
fillJournal(filled, served.domainBytes, vouchers, START);
filled.close();
const gateway = createGateway({ config, signer: terminalSigner, reader, readSeconds: () => START });
const offered = gateway.lists.offer(served, await signList(), START);
if (!offered.ok) throw new Error(offered.message);

const body = { ...allowanceBody, maxCounter: 1_000_000, noPinCount: 255, noPinSum: 2n ** 47n };
const times: number[] = [];
const computing: number[] = [];
for (let index = 0; index < warmup + samples; index += 1) {
  // Each card is new to the terminal, so that its allowance costs a verification; that is the slow
  // case and the usual one.
  card = await TestCard.make({ name: `bench ${index}`, issuer, domain, body });
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
gateway.journal.close();
terminal.remove();
rmSync(folder, { recursive: true });

function at(values: readonly number[], part: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

// The first two rows are the figure: all that a tap costs but the card. The others count the
// processor's time alone: on a machine that does other work too, the first two also wait for that
// work and for its disk.
for (const [name, values, part] of [
  ["p50", times, 0.5],
  ["p99", times, 0.99],
  ["p50 cpu", computing, 0.5],
  ["p99 cpu", computing, 0.99],
  ["exchange p50", exchanges, 0.5],
] as const) {
  const ours = Number(at(values, part).toFixed(3));
  const row = {
    schema: "tallystick.bench/1",
    name: vouchers === 0 ? name : `${name}, ${vouchers} not final`,
    unit: "ms",
    ours,
    peer: null,
    ratio: null,
    samples: values.length,
    cores: cpus().length,
    seed: null,
    node: process.version,
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
