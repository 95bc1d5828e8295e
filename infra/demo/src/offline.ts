import { setTimeout as pause } from "node:timers/promises";
import type { Narrator } from "./narrator.ts";
import type { TapReport } from "./report.ts";
import type { Shop, TapAnswer } from "./shop.ts";
import { short } from "./report.ts";
import type { World } from "./world.ts";

/** What a tap must come to, or the demo failed. */
export interface Expected {
  readonly outcome: TapReport["outcome"];
  /** One of these codes, where one matters. */
  readonly codes?: readonly string[];
  readonly sw?: string;
}

/** Taps a card at a shop and compares what the till says with what must be. */
export async function tap(options: {
  narrator: Narrator;
  step: TapReport["step"];
  shop: Shop;
  amount: string;
  saleId: string;
  expected: Expected;
}): Promise<TapReport> {
  const { narrator, step, shop, expected } = options;
  const answer = await shop.http().post<TapAnswer>("/v1/taps", {
    amount: options.amount,
    saleId: options.saleId,
  });
  const report: TapReport = {
    step,
    shop: shop.name,
    card: answer.card ?? "",
    counter: answer.counter,
    amount: answer.amount,
    apdus: answer.apdus,
    outcome: answer.outcome,
    code: answer.code,
    sw: answer.sw,
    voucherId: answer.voucherId,
    spentBefore: answer.spentBefore,
    spentAfter: answer.spentAfter,
  };
  const told = `shop ${shop.name}: ${answer.amount.padStart(6)} ${answer.outcome}${answer.code === null ? "" : ` ${answer.code}`}`;
  narrator.line(`${told} — ${answer.message} (counter ${answer.counter ?? "–"}, voucher ${short(answer.voucherId)})`);
  const wrong = (what: string): void => {
    narrator.wrong(`tap ${step} at shop ${shop.name}: ${what}; the till said ${JSON.stringify(answer)}`);
  };
  if (answer.outcome !== expected.outcome) wrong(`expected ${expected.outcome}`);
  if (expected.codes !== undefined && !expected.codes.includes(answer.code ?? ""))
    wrong(`expected the code ${expected.codes.join(" or ")}`);
  if (expected.sw !== undefined && answer.sw !== expected.sw) wrong(`expected the status word ${expected.sw}`);
  return report;
}

async function isDeaf(url: string): Promise<boolean> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return false;
  } catch {
    return true;
  }
}

/** Ends the settlement and the chain processes and sees for itself that nobody answers any more. */
export async function cutNetwork(world: World, narrator: Narrator): Promise<void> {
  const settlementPid = world.settlement.process().pid;
  const chainPid = world.anvil.pid;
  await world.settlement.process().kill();
  await world.anvil.pause();
  const gone = [settlementPid, chainPid].every((pid) => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
  if (!gone || !(await isDeaf(world.settlement.url)) || !(await isDeaf(world.anvil.rpc))) {
    narrator.wrong("settlement or the chain still answers");
    return;
  }
  narrator.line(`settlement (process ${settlementPid}) and the chain (process ${chainPid}) are killed; nobody answers`);
}

/** Starts both again. */
export async function restoreNetwork(world: World, narrator: Narrator): Promise<void> {
  await world.anvil.resume();
  await world.settlement.start();
  narrator.line("settlement and the chain are back, with what they had on disk");
}

/** Asks again until the answer is wanted, for what other processes do in their own time. */
export async function poll<T>(options: {
  what: string;
  look: () => Promise<T>;
  until: (answer: T) => boolean;
  deadlineMs: number;
}): Promise<T> {
  const end = performance.now() + options.deadlineMs;
  for (;;) {
    const answer = await options.look();
    if (options.until(answer)) return answer;
    if (performance.now() > end) {
      throw new Error(
        `${options.what} did not happen within ${options.deadlineMs / 1000} s; last seen: ${JSON.stringify(answer)}`,
      );
    }
    await pause(200);
  }
}
