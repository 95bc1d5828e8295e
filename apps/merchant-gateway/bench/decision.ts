/**
 * How long the gateway itself works on one tap: from the request to the durable outcome, without
 * the time that the card takes. Journal on the disk of this machine, signatures checked as the
 * gateway does it (libsecp256k1 where this machine has it), one core; then how long one exchange takes with a settlement that answers at once. Prints one JSON
 * line for each row. With `--vouchers N` the journal holds so many vouchers that are not final, with
 * `--cards N` the status list has so many cards, one in a hundred of them blocked.
 *
 * node --conditions=source bench/decision.ts [--samples N] [--vouchers N] [--cards N]
 */
import { toHex } from "@tallystick/protocol";
import { claimIsDue } from "../src/claim/late-claim.ts";
import { Exchange } from "../src/sync/exchange.ts";
import type { SettlementPort } from "../src/sync/settlement-client.ts";
import type { Uploader } from "../src/sync/uploader.ts";
import { signList, START } from "../test/harness/test-terminal.ts";
import { at, cpuMs, makeBenchTerminal, readCounts } from "./bench-terminal.ts";
import { BYTES_A_MEGABYTE, EXCHANGES, LEAST_CARDS, MAX_FILLED } from "./limits.ts";
import { printRow } from "./print-row.ts";

const { samples, warmup, vouchers, cards } = readCounts({ vouchers: 0, cards: LEAST_CARDS });
const { gateway, served, cardTime, putCard, close } = await makeBenchTerminal({ cards, vouchers });

const times: number[] = [];
const computing: number[] = [];
for (let index = 0; index < warmup + samples; index += 1) {
  await putCard(index);
  const cpuBegun = cpuMs();
  const begun = performance.now();
  const { outcome, code } = await gateway.engine.tap({
    saleId: null,
    amount: 2_500_000n,
    domains: gateway.policies.all(),
    waitMs: 0,
  });
  const own = performance.now() - begun - cardTime.ms;
  const cpu = cpuMs() - cpuBegun - cardTime.cpuMs;
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
close();

const print = (name: string, unit: string, value: number, count: number): void =>
  printRow({ name, unit, value, count, conditions: { cards, vouchers } });

// The first two rows are the figure: all that a tap costs but the card. The next two count the
// processor's time alone: on a machine that does other work too, the first two also wait for that
// work and for its disk. The last one is what this whole process keeps in memory, cards included.
print("p50", "ms", at(times, 0.5), times.length);
print("p99", "ms", at(times, 0.99), times.length);
print("p50 cpu", "ms", at(computing, 0.5), computing.length);
print("p99 cpu", "ms", at(computing, 0.99), computing.length);
print("exchange p50", "ms", at(exchanges, 0.5), exchanges.length);
print("rss", "MB", resident, 1);
