import { SILENCE_DEADLINE_MS } from "../limits.ts";
import type { Narrator } from "./narrator.ts";
import type { TapReport } from "../report/report.ts";
import type { Merchant, TapAnswer } from "../stack/merchant.ts";
import { short } from "../report/report.ts";
import type { DemoStack } from "../stack/demo-stack.ts";

/** What a tap must come to, or the demo failed. */
export interface Expected {
  readonly outcome: TapReport["outcome"];
  /** One of these codes, where one matters. */
  readonly codes?: readonly string[];
  readonly sw?: string;
}

/** Taps a card at a merchant and compares what the terminal shows with what it has to show. */
export async function tap(options: {
  narrator: Narrator;
  step: TapReport["step"];
  merchant: Merchant;
  amount: string;
  saleId: string;
  expected: Expected;
}): Promise<TapReport> {
  const { narrator, step, merchant, expected } = options;
  const answer = await merchant.http().post<TapAnswer>("/v1/taps", {
    amount: options.amount,
    saleId: options.saleId,
  });
  const report: TapReport = {
    step,
    merchant: merchant.name,
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
    added: answer.update?.added ?? null,
  };
  const shown = `merchant ${merchant.name}: ${answer.amount.padStart(6)} ${answer.outcome}${answer.code === null ? "" : ` ${answer.code}`}`;
  const told = answer.update == null ? answer.message : `${answer.message} ${answer.update.message}`;
  narrator.line(`${shown} — ${told} (counter ${answer.counter ?? "–"}, voucher ${short(answer.voucherId)})`);
  const wrong = (what: string): void => {
    narrator.wrong(
      `tap ${step} at merchant ${merchant.name}: ${what}; the terminal answered ${JSON.stringify(answer)}`,
    );
  };
  if (answer.outcome !== expected.outcome) wrong(`expected ${expected.outcome}`);
  if (expected.codes !== undefined && !expected.codes.includes(answer.code ?? ""))
    wrong(`expected the code ${expected.codes.join(" or ")}`);
  if (expected.sw !== undefined && answer.sw !== expected.sw) wrong(`expected the status word ${expected.sw}`);
  return report;
}

async function isSilent(url: string): Promise<boolean> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(SILENCE_DEADLINE_MS) });
    return false;
  } catch {
    return true;
  }
}

/** Ends the processes of settlement and the chain, and checks that nobody answers any more. */
export async function cutNetwork(stack: DemoStack, narrator: Narrator): Promise<void> {
  const settlementPid = stack.settlement.process().pid;
  const chainPid = stack.anvil.pid;
  await stack.settlement.process().kill();
  await stack.anvil.pause();
  const gone = [settlementPid, chainPid].every((pid) => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
  if (!gone || !(await isSilent(stack.settlement.url)) || !(await isSilent(stack.anvil.rpc))) {
    narrator.wrong("settlement or the chain still answers");
    return;
  }
  narrator.line(`settlement (process ${settlementPid}) and the chain (process ${chainPid}) are killed; nobody answers`);
}

/** Starts both again. */
export async function restoreNetwork(stack: DemoStack, narrator: Narrator): Promise<void> {
  await stack.anvil.resume();
  await stack.settlement.start();
  narrator.line("settlement and the chain are back, with what they had on disk");
}
