import { EXIT, type ExitCode } from "@tallystick/program";
import { visitCard } from "../../card/card-visit.ts";
import { openIdentifiedSession } from "../../card/identify.ts";
import { type Config, keyUseOf, loadConfig } from "../../config/load-config.ts";
import { Journal } from "../../journal/journal.ts";
import { openMasterKeys } from "../../keys/key-files.ts";
import { openStock } from "../../keys/stock.ts";
import { type Renewed, renewCard } from "../../personalize/renew-card.ts";
import { chooseReader, openReaders } from "../../reader/reader-config.ts";
import { createSettlementClient } from "../../settlement/settlement-client.ts";
import { createEnvironment, type ProgramIo, reportFailure } from "../program-io.ts";

export interface RenewFlags {
  readonly config: string;
  readonly reader?: string;
  readonly reason: string;
  readonly json: boolean;
  readonly retryKeys: boolean;
}

/**
 * `cards renew`: moves the card on the reader to the present master key and issuer key, whichever
 * station made it. A card that has both is left as it is. Answers the exit code.
 */
export async function runRenew(flags: RenewFlags, io: ProgramIo): Promise<ExitCode> {
  const { config: file, reader, json } = flags;
  try {
    const renewed = await renewOnReader(loadConfig(file, reader === undefined ? {} : { reader }), flags, io);
    const line = { schema: "tallystick.cards/1", event: "renewed", ...renewed };
    io.writeLine(json ? JSON.stringify(line) : sentenceOf(renewed));
    return EXIT.done;
  } catch (error) {
    return reportFailure(error, json, io);
  }
}

async function renewOnReader(
  config: Config,
  { reason, retryKeys }: Pick<RenewFlags, "reason" | "retryKeys">,
  io: ProgramIo,
): Promise<Renewed> {
  const keys = openMasterKeys(config, keyUseOf(config));
  const stock = openStock(config.stock, keyUseOf(config));
  const { now, randomBytes } = createEnvironment(io.signal);
  const journal = new Journal(config.journal);
  const readers = openReaders(config);
  try {
    const { url } = config.settlement;
    const station = config.station === undefined ? {} : { station: config.station };
    const settlement = createSettlementClient({ url, token: config.token, signal: io.signal, ...station });
    const options = {
      reader: await chooseReader(readers, config.reader),
      instance: config.instance,
      cardWaitMs: config.cardWaitSeconds * 1_000,
      commandTimeoutMs: config.commandTimeoutSeconds * 1_000,
      signal: io.signal,
      stock: config.stock,
      openSession: (channel: Parameters<typeof openIdentifiedSession>[0], chipName: string | null) =>
        openIdentifiedSession(channel, chipName, {
          ...{ keys, stock, journal, allowDefaultKeys: false, retryKeys, nowMs: now(), randomBytes },
          // Any card of the programme may come; settlement knows whether it is one.
          checkCard: () => undefined,
        }),
    };
    return await visitCard(options, (visit) => renewCard(visit, { config, keys, journal, settlement, reason }));
  } finally {
    await readers.close();
    journal.close();
  }
}

function sentenceOf({ card, masterKey, issuerKey, seq }: Renewed): string {
  const keys =
    masterKey.before === masterKey.now
      ? `has keys of master key ${masterKey.now}`
      : `has keys of master key ${masterKey.now} now, of ${masterKey.before} before`;
  const issuer =
    issuerKey.before === issuerKey.now
      ? `issuer key ${issuerKey.now}`
      : `issuer key ${issuerKey.now}, ${issuerKey.before} before`;
  return `${card} ${keys}; ${issuer}; allowance ${seq}.`;
}
