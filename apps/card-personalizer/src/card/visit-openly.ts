import { visitCard, type CardVisit } from "./card-visit.ts";
import type { Config } from "../config/load-config.ts";
import { chooseReader, openReaders } from "../reader/reader-config.ts";

/** Waits for the card on the configured reader, and asks it without a key: no secure channel is opened. */
export async function visitOpenly<T>(
  config: Config,
  signal: AbortSignal,
  work: (visit: CardVisit) => Promise<T>,
): Promise<T> {
  const readers = openReaders(config);
  try {
    const options = {
      reader: await chooseReader(readers, config.reader),
      instance: config.instance,
      cardWaitMs: config.cardWaitSeconds * 1_000,
      commandTimeoutMs: config.commandTimeoutSeconds * 1_000,
      signal,
      stock: config.stock,
      openSession: () => Promise.reject(new Error("No secure channel is opened here.")),
    };
    return await visitCard(options, work);
  } finally {
    await readers.close();
  }
}
