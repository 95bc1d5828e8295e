import type { Config } from "../config/load-config.ts";
import { keyUseOf } from "../config/load-config.ts";
import type { Environment } from "../environment.ts";
import type { Journal } from "../journal/journal.ts";
import { openMasterKeys } from "../keys/key-files.ts";
import { openStock } from "../keys/stock.ts";
import { chooseReader, openReaders } from "../reader/reader-config.ts";
import { visitCard, type CardVisit } from "./card-visit.ts";
import { openIdentifiedSession } from "./identify.ts";

/** What a visit with the station's own keys needs. */
export interface InsideOptions {
  readonly config: Config;
  readonly journal: Journal;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** The configuration's where it is left out. */
  readonly instance?: number;
  /** Whether a card may be opened by the keys that everybody knows; not where it is left out. */
  readonly allowDefaultKeys?: boolean;
  /** Judges the card by the name that it gave, before a key is used on it; throws Failure. */
  readonly checkCard: (cardName: string) => void;
}

/** Waits for the card on the configured reader, and works with it by the master key of this station. */
export async function visitInside<T>(options: InsideOptions, work: (visit: CardVisit) => Promise<T>): Promise<T> {
  const {
    config,
    journal,
    environment,
    signal,
    checkCard,
    instance = config.instance,
    allowDefaultKeys = false,
  } = options;
  const keys = openMasterKeys(config, keyUseOf(config));
  const stock = openStock(config.stock, keyUseOf(config));
  const readers = openReaders(config);
  try {
    const visit = {
      ...{ reader: await chooseReader(readers, config.reader), instance, signal, stock: config.stock },
      cardWaitMs: config.cardWaitSeconds * 1_000,
      commandTimeoutMs: config.commandTimeoutSeconds * 1_000,
      openSession: (channel: Parameters<typeof openIdentifiedSession>[0], chipName: string | null) =>
        openIdentifiedSession(channel, chipName, {
          ...{ keys, stock, journal, allowDefaultKeys, retryKeys: false, checkCard },
          nowMs: environment.now(),
          randomBytes: (length) => environment.randomBytes(length),
        }),
    };
    return await visitCard(visit, work);
  } finally {
    await readers.close();
  }
}
