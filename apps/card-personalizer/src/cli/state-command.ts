import { getProgress, storeData, storeStateCommand } from "@tallystick/card";
import { cardStates } from "@tallystick/protocol";
import { visitCard } from "../card/card-visit.ts";
import { expectOk } from "../card/expect.ts";
import { openIdentifiedSession } from "../card/identify.ts";
import { keyUseOf, loadConfig, type Config } from "../config/load-config.ts";
import { EXIT, type ExitCode } from "@tallystick/program";
import { asFailure, Failure } from "../failures.ts";
import { Journal } from "../journal/journal.ts";
import { openMasterKeys } from "../keys/key-files.ts";
import { openStock } from "../keys/stock.ts";
import { chooseReader, openReaders } from "../reader/reader-config.ts";
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
  const readers = openReaders(config);
  try {
    const run = journal.run(reference);
    if (run === null) throw new Failure("USAGE", `The journal knows no reference ${reference}.`);
    const environment = createEnvironment(io.signal);
    const keys = openMasterKeys(config, keyUseOf(config));
    const stock = openStock(config.stock, keyUseOf(config));
    await visitCard(
      {
        reader: await chooseReader(readers, config.reader),
        instance: run.particulars.instance,
        cardWaitMs: config.cardWaitSeconds * 1_000,
        commandTimeoutMs: config.commandTimeoutSeconds * 1_000,
        signal: io.signal,
        stock: config.stock,
        openSession: (channel, chipName) =>
          openIdentifiedSession(channel, chipName, {
            ...{ keys, stock, journal, allowDefaultKeys: false, retryKeys: false },
            nowMs: environment.now(),
            randomBytes: (length) => environment.randomBytes(length),
            checkCard: (cardName) => {
              if (cardName !== run.cardName) throw new Failure("WRONG_CARD");
            },
          }),
      },
      (visit) =>
        visit.insideApplet(async ({ session }) => {
          expectOk("STORE DATA state", await storeData(session.transmit, storeStateCommand(cardStates[wanted])));
          const { state } = expectOk("GET DATA progress", await getProgress(session.transmit));
          if (state !== cardStates[wanted]) throw new Failure("CARD_CONTRADICTS", "Look at: state.");
        }),
    );
    return String(journal.step(reference, "generate-key")?.data["card"] ?? "");
  } finally {
    await readers.close();
    journal.close();
  }
}
