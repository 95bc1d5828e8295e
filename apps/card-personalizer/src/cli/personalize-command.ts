import { referenceSchema } from "../config/config-schema.ts";
import type { Visits } from "../config/config-schema.ts";
import { keyUseOf, loadConfig, type Config, type ConfigFlags } from "../config/load-config.ts";
import { EXIT, type ExitCode } from "@tallystick/program";
import { asFailure, Failure } from "../failures.ts";
import { Journal } from "../journal/journal.ts";
import { openPackage } from "../card/load-file.ts";
import { openMasterKeys } from "../keys/key-files.ts";
import { openStock } from "../keys/stock.ts";
import { createPinFolder } from "../keys/pin-letters.ts";
import { personalize, type Personalized } from "../personalize/personalize.ts";
import { chooseReader, openReaders } from "../reader/reader-config.ts";
import { createSettlementClient } from "../settlement/settlement-client.ts";
import type { StepName } from "../steps/step-names.ts";
import { openIssuerTerminal } from "../terminal/issuer-terminal.ts";
import { createJsonReporter, createTextReporter } from "./reporter.ts";
import { createEnvironment, reportFailure, type ProgramIo } from "./program-io.ts";

export interface PersonalizeFlags extends ConfigFlags {
  readonly config: string;
  readonly reference: string;
  readonly json: boolean;
  readonly allowDefaultKeys: boolean;
  readonly retryKeys: boolean;
  readonly takeOver: boolean;
  /** In how many visits; the configuration's, and two, where it is left out. */
  readonly visits?: Visits;
}

/** `personalize`: one card from blank to ready. Answers the exit code. */
export async function runPersonalize(flags: PersonalizeFlags, io: ProgramIo): Promise<ExitCode> {
  const create = flags.json ? createJsonReporter : createTextReporter;
  const reporter = create(flags.reference, io.writeLine);
  const at: { card: string | null; step: StepName | null } = { card: null, step: null };
  try {
    const outcome = await withParts(flags, io, async (options) => {
      const { journal } = options;
      return await personalize({
        ...options,
        warn: (message) => reporter.warning(message),
        awaited: (wait) => reporter.waiting(wait),
        observe: (step, code) => {
          at.step = step;
          const card = journal.step(flags.reference, "generate-key")?.data["card"];
          at.card = typeof card === "string" ? card : null;
          reporter.step(step, code, at.card);
        },
      });
    });
    const message = outcome.wasDone ? "It was finished before; nothing was written." : READY[outcome.visits];
    reporter.done({ card: outcome.card, message });
    return EXIT.done;
  } catch (error) {
    const failure = asFailure(error);
    reporter.failed(failure, at);
    return reportFailure(failure, flags.json, io);
  }
}

const READY: Readonly<Record<Visits, string>> = {
  one: "It can be handed out. It pays nowhere until its first tap at a terminal that was online since now.",
  two: "It is ready: counter 1, one unit spent; it can be handed out.",
};

type Parts = Omit<Parameters<typeof personalize>[0], "observe" | "warn" | "awaited">;

/** Opens everything a run needs, and closes it whatever happens. */
async function withParts(
  flags: PersonalizeFlags,
  io: ProgramIo,
  work: (parts: Parts) => Promise<Personalized>,
): Promise<Personalized> {
  const reference = readReference(flags.reference);
  const config = loadConfig(flags.config, flags);
  const keys = openMasterKeys(config, keyUseOf(config));
  const stock = openStock(config.stock, keyUseOf(config));
  const loadFile = openPackage(config.stock);
  const terminal = openIssuerTerminal(config);
  const environment = createEnvironment(io.signal);
  const { pinFolder } = config;
  const letters =
    pinFolder === undefined ? null : createPinFolder(pinFolder, (length) => environment.randomBytes(length));
  const { owner, fund } = readParticulars(config);
  const journal = new Journal(config.journal);
  try {
    const readers = openReaders(config);
    try {
      const reader = await chooseReader(readers, config.reader);
      const { token, station, operator } = config;
      const of = { token, station, operator, signal: io.signal };
      const settlement = createSettlementClient({ url: config.settlement.url, ...of });
      return await work({
        ...{
          reference,
          owner,
          fund,
          config,
          keys,
          stock,
          loadFile,
          letters,
          journal,
          reader,
          settlement,
          terminal,
          environment,
        },
        signal: io.signal,
        takesOver: flags.takeOver,
        visits: flags.visits ?? config.visits ?? "two",
        allowDefaultKeys: config.mode === "development" || flags.allowDefaultKeys,
        retryKeys: flags.retryKeys,
      });
    } finally {
      await readers.close();
    }
  } finally {
    journal.close();
  }
}

function readReference(text: string): string {
  const parsed = referenceSchema.safeParse(text);
  if (!parsed.success)
    throw new Failure("USAGE", `--reference: ${parsed.error.issues.map(({ message }) => message).join("; ")}`);
  return parsed.data;
}

function readParticulars({ owner, fund }: Config): { owner: NonNullable<Config["owner"]>; fund: bigint } {
  if (owner === null) throw new Failure("USAGE", "Name the owner with --owner or in the configuration.");
  if (fund === null) throw new Failure("USAGE", "Name the deposit with --fund or in the configuration.");
  return { owner, fund };
}
