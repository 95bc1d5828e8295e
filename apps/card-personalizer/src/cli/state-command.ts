import { getProgress, storeData, storeStateCommand } from "@tallystick/card";
import { type CardState, cardStates } from "@tallystick/protocol";
import type { CardVisit } from "../card/card-visit.ts";
import { visitInside } from "../card/visit-inside.ts";
import { expectOk } from "../card/expect.ts";
import { loadConfig, type Config } from "../config/load-config.ts";
import { EXIT, type ExitCode } from "@tallystick/program";
import { asFailure, Failure } from "../failures.ts";
import { Journal } from "../journal/journal.ts";
import { createEnvironment, reportFailure, type ProgramIo } from "./program-io.ts";
import { createJsonReporter, createTextReporter } from "./reporter.ts";

export interface StateFlags {
  readonly config: string;
  readonly reference: string;
  readonly reader?: string;
  readonly json: boolean;
}

/** What a state command wants a card to be. */
export type WantedState = "suspended" | "personalized";

const sentences: Readonly<Record<WantedState, string>> = {
  suspended: "The card is suspended: it pays nobody until it is released or gets a newer allowance.",
  personalized: "The card is released: it pays again.",
};

/**
 * `suspend` and `release`: writes the state into the reference's own card, inside its secure channel, and reads it back.
 * The same state twice is harmless, so nothing has to be journalled. Answers the exit code.
 */
export async function runState(wanted: WantedState, flags: StateFlags, io: ProgramIo): Promise<ExitCode> {
  const reporter = (flags.json ? createJsonReporter : createTextReporter)(flags.reference, io.writeLine);
  try {
    const config = loadConfig(flags.config, flags.reader === undefined ? {} : { reader: flags.reader });
    const card = await writeState(wanted, config, flags.reference, io);
    reporter.done({ card, message: sentences[wanted] });
    return EXIT.done;
  } catch (error) {
    const failure = asFailure(error);
    reporter.failed(failure, { card: null, step: null });
    return reportFailure(failure, flags.json, io);
  }
}

async function writeState(wanted: WantedState, config: Config, reference: string, io: ProgramIo): Promise<string> {
  const journal = new Journal(config.journal);
  try {
    const run = journal.run(reference);
    if (run === null) throw new Failure("USAGE", `The journal knows no reference ${reference}.`);
    const checkCard = (cardName: string): void => {
      if (cardName !== run.cardName) throw new Failure("WRONG_CARD");
    };
    const { instance } = run.particulars;
    const environment = createEnvironment(io.signal);
    await visitInside({ config, journal, environment, signal: io.signal, instance, checkCard }, (visit) =>
      writeCardState(visit, cardStates[wanted]),
    );
    return String(journal.step(reference, "generate-key")?.data["card"] ?? "");
  } finally {
    journal.close();
  }
}

/** Writes a state into the card's applet and reads it back. */
export async function writeCardState(visit: CardVisit, wanted: CardState): Promise<void> {
  await visit.insideApplet(async ({ session }) => {
    expectOk("STORE DATA state", await storeData(session.transmit, storeStateCommand(wanted)));
    const { state } = expectOk("GET DATA progress", await getProgress(session.transmit));
    if (state !== wanted) throw new Failure("CARD_CONTRADICTS", "Look at: state.");
  });
}
