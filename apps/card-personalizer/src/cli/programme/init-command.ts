import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { EXIT, type ExitCode } from "@tallystick/program";
import { toHex } from "@tallystick/protocol";
import { Failure } from "../../failures.ts";
import { askAnswers } from "../../programme/answers/ask-answers.ts";
import { loadAnswers } from "../../programme/answers/load-answers.ts";
import { openProgrammeChain } from "../../programme/chain/programme-chain.ts";
import { writeDurably } from "../../programme/files/programme-state.ts";
import { initProgramme, STATE_FILE } from "../../programme/init-programme.ts";
import { rogueSentences } from "../../programme/rogue-reader.ts";
import { createSettlementClient } from "../../settlement/settlement-client.ts";
import { createEnvironment, reportFailure, type ProgramIo } from "../program-io.ts";
import { createProgrammeReporter } from "./programme-reporter.ts";

/** Where answers that were asked for stand in a programme's folder. */
export const ANSWERS_FILE = "programme.json";

export interface InitFlags {
  readonly config?: string;
  readonly folder: string;
  readonly json: boolean;
}

/** `programme init`: from nothing to a virtual card that has paid. Answers the exit code. */
export async function runProgrammeInit(flags: InitFlags, io: ProgramIo): Promise<ExitCode> {
  try {
    const answers = loadAnswers(flags.config ?? (await answersFile(flags, io)));
    const reporter = createProgrammeReporter(flags.json, io.writeLine);
    const sentences = rogueSentences(answers, answers.asset);
    reporter.told("rogue-reader", sentences);
    await agree(flags, io, join(answers.folder, STATE_FILE));
    const environment = createEnvironment(io.signal);
    const { rpcUrl: url, chainId } = answers;
    const chain = openProgrammeChain({ url, chainId }, environment);
    try {
      const made = await initProgramme({
        ...{ answers, chain, environment, signal: io.signal, observe: reporter },
        openSettlement: ({ settlement, token }) =>
          createSettlementClient({ url: settlement.url, token, signal: io.signal }),
      });
      const { card, voucherId, record } = made;
      reporter.done({ vault: toHex(made.vault), token: toHex(made.token), card, voucherId, record });
    } finally {
      chain.close();
    }
    return EXIT.done;
  } catch (error) {
    return reportFailure(error, flags.json, io);
  }
}

/** Asks a person once, before anything is made, whether the loss that was just told may be. Throws Failure USAGE. */
async function agree({ json }: InitFlags, { ask }: ProgramIo, stateFile: string): Promise<void> {
  if (ask === undefined || json || existsSync(stateFile)) return;
  const answer = (await ask("Make the programme with these limits? yes or no [no]: ")).trim();
  if (answer === "yes") return;
  throw new Failure("USAGE", "Nothing was made: change the limits in the answers' file and run this again.");
}

/** The answers' file of a folder; where there is none it is asked for, and written when it is complete. */
async function answersFile({ folder }: InitFlags, { ask, writeLine }: ProgramIo): Promise<string> {
  const path = join(resolve(folder), ANSWERS_FILE);
  if (existsSync(path)) return path;
  if (ask === undefined)
    throw new Failure("USAGE", "Nobody can be asked here: write the answers into a file and name it with --config.");
  writeLine("An empty line takes what stands in brackets. Nothing is made before the last question.");
  const answers = await askAnswers(ask);
  mkdirSync(folder, { recursive: true });
  writeDurably(path, `${JSON.stringify(answers, null, 2)}\n`);
  writeLine(`Your answers stand in ${path}; run the same command again after any interruption.`);
  return path;
}
