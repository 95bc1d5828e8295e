import type { Environment } from "../environment.ts";
import type { SettlementClient } from "../settlement/settlement-client.ts";
import type { Config } from "../config/load-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { StepObserver } from "../steps/step-runner.ts";
import type { Answers } from "./answers/load-answers.ts";
import type { ProgrammeChain } from "./chain/programme-chain.ts";
import type { SendOptions } from "./chain/send-once.ts";
import type { WaitObserver } from "./chain/wait-for.ts";
import type { ProgrammeKeys } from "./files/programme-keys.ts";
import type { ProgrammeState } from "./files/programme-state.ts";
import type { ProgrammeStep } from "./programme-steps.ts";

/** Everything the making of a programme needs; the command line puts the real parts in, tests put others. */
export interface InitOptions {
  readonly answers: Answers;
  readonly chain: ProgrammeChain;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly openSettlement: (config: Config) => SettlementClient;
  readonly observe: {
    readonly step: (step: ProgrammeStep, code: "DONE" | "KNOWN", detail: string) => void;
    readonly wait: WaitObserver;
    readonly card: StepObserver;
    readonly warn: (message: string) => void;
  };
}

/** The same with what the making itself opened. */
export interface Making extends InitOptions {
  readonly keys: ProgrammeKeys;
  readonly state: ProgrammeState;
  readonly journal: Journal;
}

/** What a transaction of the treasury is sent with. */
export function sendOptionsOf({ chain, keys, state, ...making }: Making): SendOptions {
  return { chain, signer: keys.treasury, state, ...waitOptionsOf(making) };
}

/** How long a wait may take, and who hears of it. */
export function waitOptionsOf({ environment, answers, observe }: Pick<Making, "environment" | "answers" | "observe">): {
  readonly environment: Environment;
  readonly waitSeconds: number;
  readonly observe: WaitObserver;
} {
  return { environment, waitSeconds: answers.waitSeconds, observe: observe.wait };
}
