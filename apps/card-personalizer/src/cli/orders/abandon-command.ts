import { EXIT, type ExitCode } from "@tallystick/program";
import { referenceSchema } from "../../config/config-schema.ts";
import { loadConfig } from "../../config/load-config.ts";
import { blamingBytesOn, Failure } from "../../failures.ts";
import { Journal } from "../../journal/journal.ts";
import { createPinFolder } from "../../keys/pin-letters.ts";
import { giveUp } from "../../personalize/give-up.ts";
import { createSettlementClient } from "../../settlement/settlement-client.ts";
import { createEnvironment, reportFailure, type ProgramIo } from "../program-io.ts";

export interface AbandonFlags {
  readonly config: string;
  readonly reference: string;
  readonly reason: string;
  readonly to?: string;
  readonly operator?: string;
  readonly json: boolean;
}

/**
 * `abandon`: gives a reference up before its card has money, and the card to another one. Answers the
 * exit code.
 */
export async function runAbandon(flags: AbandonFlags, io: ProgramIo): Promise<ExitCode> {
  const { reference, to, reason, json } = flags;
  try {
    const config = loadConfig(flags.config, flags.operator === undefined ? {} : { operator: flags.operator });
    if (to !== undefined && !referenceSchema.safeParse(to).success) throw new Failure("USAGE", "--to is no reference.");
    const { settlement, token, station, operator, pinFolder } = config;
    const { signal } = io;
    const environment = createEnvironment(signal);
    const client = createSettlementClient({ url: settlement.url, token, signal, station, operator });
    const journal = new Journal(config.journal);
    try {
      const letters = pinFolder === undefined ? null : createPinFolder(pinFolder, environment.randomBytes);
      const options = { journal, settlement: client, letters, reason, claims: station !== undefined };
      const { card } = await blamingBytesOn("SETTLEMENT_ANSWER", () => giveUp(reference, to ?? null, options));
      const fields = { schema: "tallystick.order/1", event: "abandoned", reference, card, to: to ?? null };
      io.writeLine(json ? JSON.stringify(fields) : sentenceOf(reference, to));
      return EXIT.done;
    } finally {
      journal.close();
    }
  } catch (error) {
    return reportFailure(error, json, io);
  }
}

function sentenceOf(reference: string, to: string | undefined): string {
  const free = `${reference} is free again.`;
  if (to !== undefined) return `${free} Its card is ${to}'s now; put it on the reader for that one.`;
  return `${free} A card that it had goes to the next reference that it is put on the reader for.`;
}
