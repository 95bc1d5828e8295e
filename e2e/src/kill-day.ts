import { setTimeout as pause } from "node:timers/promises";
import {
  createNarrator,
  createDemoStack,
  type IssuedCard,
  issueCard,
  poll,
  type ReconciliationAnswer,
  type Merchant,
  type DemoStack,
} from "@tallystick/demo";
import { parseAmount } from "./amounts.ts";
import { type PaidSale, sell, send } from "./sale.ts";
import { type SeededRandom, seededRandom } from "./seeded-random.ts";

/** Sales a merchant makes around one kill. Two hundred taps a card stay below the 255 that an allowance gives without a PIN. */
const SALES_A_CHUNK = 4;

/** Kills that one card's allowance has room for. */
export const MAX_KILLS = 60;

/** Longest wait until a voucher is final. */
const FINAL_DEADLINE_MS = 180_000;

/** What a day came to. */
export interface DayResult {
  readonly schema: "tallystick.kill-day/1";
  readonly seed: number;
  readonly kills: Readonly<Record<Target, number>>;
  readonly sales: number;
  /** Sales that took more than one request because something died. */
  readonly interrupted: number;
  /** Sales that the terminal showed as paid that settlement did not bring to their end. */
  readonly lost: number;
  /** Debits and payments beyond one a sale. */
  readonly doubled: number;
  readonly ledgerDifference: string;
  readonly seconds: number;
}

export type Target = "gateway" | "settlement" | "cardhost";

const targets: readonly Target[] = ["gateway", "settlement", "cardhost"];

interface Day {
  readonly stack: DemoStack;
  readonly random: SeededRandom;
  readonly cards: Readonly<Record<"A" | "B", IssuedCard>>;
  readonly paid: PaidSale[];
}

/** Ends one part as a loss of power would, and starts it again. */
async function killAndRestart(day: Day, target: Target): Promise<void> {
  const { stack, cards } = day;
  const name = day.random.pick(["A", "B"] as const);
  const merchant = stack.merchants[name];
  if (target === "gateway") {
    await merchant.process().kill();
    await merchant.start();
  } else if (target === "settlement") {
    await stack.settlement.process().kill();
    await stack.settlement.start();
  } else {
    await cards[name].card.kill();
    await cards[name].card.insert(merchant.slot);
  }
}

async function sellChunk(day: Day, merchant: Merchant, amounts: readonly string[], chunk: number): Promise<void> {
  for (const [index, amount] of amounts.entries()) {
    day.paid.push(await sell(merchant, `${merchant.name}-${chunk}-${index}`, amount));
    if (index % 2 === 1) await send(merchant);
  }
}

/** Both merchants sell and send; answers how long that took, in milliseconds. */
async function work(day: Day, chunk: number): Promise<number> {
  const start = performance.now();
  const amounts = (): string[] =>
    Array.from({ length: SALES_A_CHUNK }, () => `0.0${String(day.random.below(90) + 10)}`);
  const { A, B } = day.stack.merchants;
  await Promise.all([sellChunk(day, A, amounts(), chunk), sellChunk(day, B, amounts(), chunk)]);
  return performance.now() - start;
}

/** Both merchants work while one part is killed at some moment of the time that they need undisturbed. */
async function playChunk(day: Day, chunk: number, workMs: number, target: Target): Promise<void> {
  const kill = pause(day.random.below(Math.max(1, Math.round(workMs)))).then(async () => {
    await killAndRestart(day, target);
  });
  await Promise.all([work(day, chunk), kill]);
}

/** Sends everything and counts what is missing at the end of the line. */
async function countLost(day: Day): Promise<number> {
  const { stack } = day;
  for (const merchant of [stack.merchants.A, stack.merchants.B]) {
    await poll({
      what: `merchant ${merchant.name} having sent everything`,
      ask: async () => {
        await send(merchant);
        return await merchant.http().get<{ unsent: { count: number } }>("/v1/readiness");
      },
      until: (answer) => answer.unsent.count === 0,
      deadlineMs: FINAL_DEADLINE_MS,
    });
  }
  let lost = 0;
  for (const sale of day.paid) {
    try {
      await poll({
        what: `the end of ${sale.saleId}`,
        ask: async () => await stack.settlement.operator.get<{ state: string }>(`/v1/vouchers/${sale.voucherId}`),
        until: ({ state }) => state === "final",
        deadlineMs: FINAL_DEADLINE_MS,
      });
    } catch {
      lost += 1;
    }
  }
  return lost;
}

/**
 * Debits and payments beyond one a sale: on each card the counters must follow one another without a gap from the
 * personalizer's own payment on, and what the vault paid out of the cards must be what the terminals sold.
 */
function countDoubled(day: Day, before: ReconciliationAnswer, after: ReconciliationAnswer): number {
  let doubled = 0;
  for (const name of ["A", "B"] as const) {
    const sales = day.paid.filter((sale) => sale.merchant === name).sort((a, b) => a.counter - b.counter);
    const first = sales[0]?.counter ?? 0;
    const last = sales.at(-1)?.counter ?? 0;
    const debits = last - first + 1;
    doubled +=
      Math.abs(debits - sales.length) + Math.abs(sales.length - new Set(sales.map(({ voucherId }) => voucherId)).size);
    const sold = sales.reduce((sum, { amount }) => sum + parseAmount(amount), 0n);
    const debited = parseAmount(sales.at(-1)?.spentAfter ?? "0") - parseAmount(sales[0]?.spentBefore ?? "0");
    if (sold !== debited) doubled += 1;
  }
  const earned = ({ chain }: ReconciliationAnswer): bigint => parseAmount(chain.owed) + parseAmount(chain.paidOut);
  const sold = day.paid.reduce((sum, { amount }) => sum + parseAmount(amount), 0n);
  if (earned(after) - earned(before) !== sold) doubled += 1;
  return doubled;
}

async function settledBooks(stack: DemoStack): Promise<ReconciliationAnswer> {
  return await poll({
    what: "the books agreeing with the chain",
    ask: async () => await stack.settlement.operator.get<ReconciliationAnswer>("/v1/reconciliation"),
    until: (answer) => parseAmount(answer.acceptedUnpaid) === 0n && parseAmount(answer.ledgerDifference) === 0n,
    deadlineMs: FINAL_DEADLINE_MS,
  });
}

/**
 * Plays a day: two merchants sell, and at random moments one of gateway, settlement and card is killed (kill −9) and started
 * again. Then everything must be there once.
 */
export async function playDay(options: {
  kills: number;
  seed: number;
  durable: boolean;
  say: (text: string) => void;
}): Promise<DayResult> {
  if (options.kills < 1 || options.kills > MAX_KILLS)
    throw new RangeError(`kills is ${options.kills}; it must be 1 to ${MAX_KILLS}`);
  const start = performance.now();
  const narrator = createNarrator(options.say, () => performance.now());
  const stack = await createDemoStack({
    direct: false,
    durable: options.durable,
    batteryBacked: true,
    say: narrator.line,
  });
  try {
    const cards = { A: await issueCard(stack, narrator, "ada"), B: await issueCard(stack, narrator, "bea") };
    await cards.A.card.insert(stack.merchants.A.slot);
    await cards.B.card.insert(stack.merchants.B.slot);
    for (const merchant of [stack.merchants.A, stack.merchants.B]) await merchant.http().post("/v1/sync");
    const before = await settledBooks(stack);
    const day: Day = { stack, random: seededRandom(options.seed), cards, paid: [] };
    const kills = { gateway: 0, settlement: 0, cardhost: 0 };
    const workMs = await work(day, 0);
    for (let chunk = 1; chunk <= options.kills; chunk += 1) {
      // Every kind once in turn, then by chance: a short day must not miss one.
      const target = targets[chunk - 1] ?? day.random.pick(targets);
      await playChunk(day, chunk, workMs, target);
      kills[target] += 1;
      narrator.line(`kill ${chunk} of ${options.kills}: ${target}; ${day.paid.length} sales paid`);
    }
    const lost = await countLost(day);
    const after = await settledBooks(stack);
    return {
      schema: "tallystick.kill-day/1",
      seed: options.seed,
      kills,
      sales: day.paid.length,
      interrupted: day.paid.filter(({ attempts }) => attempts > 1).length,
      lost,
      doubled: countDoubled(day, before, after),
      ledgerDifference: after.ledgerDifference,
      seconds: Math.round((performance.now() - start) / 1000),
    };
  } finally {
    await stack.stop();
  }
}
