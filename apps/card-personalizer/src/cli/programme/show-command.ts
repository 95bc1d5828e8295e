import { join, resolve } from "node:path";
import { EXIT, type ExitCode } from "@tallystick/program";
import { loadAnswers } from "../../programme/answers/load-answers.ts";
import { openProgrammeChain } from "../../programme/chain/programme-chain.ts";
import { showProgramme, type ShownProgramme } from "../../programme/show-programme.ts";
import { describeFloat } from "../../register/describe-float.ts";
import { createSettlementClient } from "../../settlement/settlement-client.ts";
import { createEnvironment, reportFailure, type ProgramIo } from "../program-io.ts";
import { ANSWERS_FILE, type InitFlags } from "./init-command.ts";

/** `programme show`: how a programme stands; changes nothing. Answers the exit code. */
export async function runProgrammeShow(flags: InitFlags, io: ProgramIo): Promise<ExitCode> {
  try {
    const answers = loadAnswers(flags.config ?? join(resolve(flags.folder), ANSWERS_FILE));
    const { rpcUrl: url, chainId } = answers;
    const chain = openProgrammeChain({ url, chainId }, createEnvironment(io.signal));
    try {
      const shown = await showProgramme({
        ...{ answers, chain },
        openSettlement: ({ settlement, token }) =>
          createSettlementClient({ url: settlement.url, token, signal: io.signal }),
      });
      const line = { schema: "tallystick.programme/1", event: "shown", ...shown };
      io.writeLine(flags.json ? JSON.stringify(line) : describe(shown, answers.asset.code).join("\n"));
    } finally {
      chain.close();
    }
    return EXIT.done;
  } catch (error) {
    return reportFailure(error, flags.json, io);
  }
}

function describe(shown: ShownProgramme, code: string): readonly string[] {
  const { name, chainId, vault, token, delaySeconds, findings, checkValues, limits, rogueReader, float } = shown;
  const { perTap, pinAbove, noPinSum, noPinCount } = limits;
  return [
    `${name}, on chain ${chainId}`,
    `vault ${vault}: its code is the one that was compiled here; owners wait ${delaySeconds} s`,
    `token ${token}: ${findings.decimals} decimals${findings.pausable ? ", can be stopped" : ""}${
      findings.blocks ? ", can shut accounts out" : ""
    }`,
    ...Object.entries(checkValues).map(([role, value]) => `key ${role.padEnd(14)} ${value}`),
    `limits: ${perTap} a payment, PIN above ${pinAbove}; without PIN ${noPinSum} in ${noPinCount} payments`,
    ...rogueReader,
    ...(float === null
      ? ["Settlement does not answer, so what is on cards is not known."]
      : describeFloat(float, code)),
  ];
}
