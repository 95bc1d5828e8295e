/**
 * How long a cashier waits: from Enter to "Paid", as the page does it, with the card on the reader and
 * the card's own time taken out. `PUT /v1/sales/:id` over HTTP to a gateway that listens, until the
 * sale's state `paid` comes on `GET /v1/events`. Journal on the disk of this machine, signatures
 * checked as the gateway does it (libsecp256k1 where this machine has it), each card new to the terminal; page and gateway share one core here, so that what the
 * client needs is counted, too. Prints one JSON line for each row.
 *
 * node bench/sale.ts [--samples N] [--vouchers N] [--cards N]
 */
import "reflect-metadata";
import { at, cpuMs, makeBenchTerminal, readCounts } from "./bench-terminal.ts";
import { followSales } from "./follow-sales.ts";
import { SALE_CARDS, SALE_VOUCHERS } from "./limits.ts";
import { printRow } from "./print-row.ts";

const { samples, warmup, vouchers, cards } = readCounts({ vouchers: SALE_VOUCHERS, cards: SALE_CARDS });
const { gateway, cardTime, putCard, close } = await makeBenchTerminal({ cards, vouchers });
// The server as it is built: decorators are no part of the language that Node reads by itself.
const built = new URL("../dist/app/create-app.js", import.meta.url).href;
const { createApp } = (await import(built)) as typeof import("../src/app/create-app.ts");
const app = await createApp(gateway);
await app.listen(0, "127.0.0.1");
const { port } = app.getHttpServer().address() as { readonly port: number };
const url = `http://127.0.0.1:${port}`;
const events = await followSales(url);

/** One sale as the page asks for it; answers its milliseconds without the card's. */
async function sell(index: number): Promise<{ readonly own: number; readonly cpu: number; readonly asked: number }> {
  await putCard(index);
  const id = `sale-${index}`;
  const paid = events.end(id);
  const cpuBegun = cpuMs();
  const begun = performance.now();
  const response = await fetch(`${url}/v1/sales/${id}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    // No two amounts are the same: a cashier is asked about those.
    body: JSON.stringify({ amount: `${2 + (index % 7)}.50`, waitSeconds: 0 }),
  });
  await response.json();
  const asked = performance.now() - begun;
  const { state, code, at: ended } = await paid;
  const cpu = cpuMs() - cpuBegun - cardTime.cpuMs;
  if (state !== "paid") throw new Error(`a sale was ${state}: ${code ?? ""}`);
  // What follows the answer is over before the next card comes.
  await gateway.sales.settled();
  await gateway.engine.rest();
  return { own: ended - begun - cardTime.ms, cpu, asked };
}

const times: number[] = [];
const computing: number[] = [];
const answers: number[] = [];
for (let index = 0; index < warmup + samples; index += 1) {
  const { own, cpu, asked } = await sell(index);
  if (index < warmup) continue;
  times.push(own);
  computing.push(cpu);
  answers.push(asked);
}
events.stop();
await app.close();
close();

const print = (name: string, value: number): void =>
  printRow({ name, unit: "ms", value, count: samples, conditions: { cards, vouchers } });
// The figure: Enter to "Paid" without the card. The next two count the processor's time alone, client
// included: on a machine that does other work too, the first two also wait for that work and for its
// disk. The last row is the answer to the PUT.
print("p50", at(times, 0.5));
print("p99", at(times, 0.99));
print("p50 cpu", at(computing, 0.5));
print("p99 cpu", at(computing, 0.99));
print("answer p50", at(answers, 0.5));
