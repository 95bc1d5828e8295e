import { setTimeout as pause } from "node:timers/promises";
import {
  createNarrator,
  createDemoStack,
  type IssuedCard,
  issueCard,
  type Merchant,
  type DemoStack,
} from "@tallystick/demo";
import { countDoubled, countLost, settledBooks } from "./day-counts.ts";
import { type PaidSale, sell, send } from "./sale.ts";
import { type SeededRandom, seededRandom } from "./seeded-random.ts";

/** Sales a merchant makes around one kill. Two hundred taps a card stay below the 255 that an allowance gives without a PIN. */
const SALES_A_CHUNK = 4;

/** Kills that one card's allowance has room for. */
export const MAX_KILLS = 60;

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

/** Two merchants, a card at each, and what was sold. */
export interface Day {
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
export async function work(day: Day, chunk: number): Promise<number> {
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
    const lost = await countLost(stack, day.paid);
    const after = await settledBooks(stack);
    return {
      schema: "tallystick.kill-day/1",
      seed: options.seed,
      kills,
      sales: day.paid.length,
      interrupted: day.paid.filter(({ attempts }) => attempts > 1).length,
      lost,
      doubled: countDoubled(day.paid, before, after),
      ledgerDifference: after.ledgerDifference,
      seconds: Math.round((performance.now() - start) / 1000),
    };
  } finally {
    await stack.stop();
  }
}
