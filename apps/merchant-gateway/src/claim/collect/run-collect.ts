import { setTimeout as sleep } from "node:timers/promises";
import { type CardConnection, isApduError, isReaderError, type Reader } from "@tallystick/apdu";
import { formatTotal } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { MAX_BUNDLES_IN_FILE } from "../../limits.ts";
import { COLLECT_RETRY_MS, STATUS_WORD_BYTES } from "./limits.ts";
import { appendBundles, writeBundles } from "../bundle-file.ts";
import { type CollectedPayment, collectFromCard, type Collector } from "./collect-from-card.ts";

/** What `collect` prints: a line a card, and one at the end. */
export interface CollectLine {
  readonly schema: "tallystick.collect/1";
  readonly event: "card" | "left-early" | "done";
  readonly file: string;
  /** The card's address; null at the end, and for a card that holds nothing for this payee. */
  readonly card: string | null;
  /** Payments that were not in the file before, and at the end all that are in it. */
  readonly payments: number;
  /** What they are worth, a text for each currency. */
  readonly amounts: readonly string[];
}

export interface CollectCommand {
  readonly collector: Collector;
  readonly reader: Pick<Reader, "waitForCard" | "waitForRemoval" | "connect">;
  /** The bundles' file, which must not be there yet. */
  readonly file: string;
  /** It ends when no card came for so long. */
  readonly waitMs: number;
}

/**
 * Reads card after card into a file of bundles until none comes any more. What was read is on the disk
 * before the next card. Throws BundleFileError, and ReaderError where the reader does not work.
 */
export async function runCollect(command: CollectCommand, report: (line: CollectLine) => void): Promise<void> {
  const { collector, reader, file, waitMs } = command;
  writeBundles(file, []);
  const all = new Map<string, CollectedPayment>();
  const say = (event: CollectLine["event"], card: string | null, payments: readonly CollectedPayment[]): void => {
    report({
      schema: "tallystick.collect/1",
      event,
      file,
      card,
      payments: payments.length,
      amounts: amountsOf(payments),
    });
  };
  while (all.size < MAX_BUNDLES_IN_FILE) {
    const connection = await nextCard(reader, waitMs);
    if (connection === null) break;
    const read = await readWhole(collector, connection);
    if (!Array.isArray(read)) {
      if (read === "left-early") say(read, null, []);
      else await sleep(COLLECT_RETRY_MS);
      continue;
    }
    const fresh = read.filter(({ id }) => !all.has(id)).slice(0, MAX_BUNDLES_IN_FILE - all.size);
    appendBundles(
      file,
      fresh.map(({ bytes }) => bytes),
    );
    for (const payment of fresh) all.set(payment.id, payment);
    const [first] = read;
    say("card", first === undefined ? null : toHex(first.card), fresh);
    await awaitRemoval(reader, waitMs);
  }
  say("done", null, [...all.values()]);
}

/** What a card holds; or it was taken away before all was read, or has not answered at all: a reader shows a card for a moment after it has gone. */
async function readWhole(
  collector: Collector,
  connection: CardConnection,
): Promise<CollectedPayment[] | "left-early" | "silent"> {
  let answers = 0;
  try {
    return await collectFromCard(collector, async (command) => {
      const answer = await connection.transmit(command);
      answers += answer.length >= STATUS_WORD_BYTES ? 1 : 0;
      return answer;
    });
  } catch (error) {
    if (isReaderError(error) || isApduError(error)) return answers > 0 ? "left-early" : "silent";
    throw error;
  } finally {
    await connection.disconnect();
  }
}

/** The next card on the reader; null where none came in time. */
async function nextCard(reader: CollectCommand["reader"], waitMs: number): Promise<CardConnection | null> {
  const end = performance.now() + waitMs;
  for (;;) {
    const leftMs = Math.max(0, end - performance.now());
    try {
      await reader.waitForCard({ timeoutMs: leftMs });
      return await reader.connect({ share: "exclusive" });
    } catch (error) {
      if (!isReaderError(error)) throw error;
      const isPassing = ["CARD_ABSENT", "CARD_MUTE", "CARD_REMOVED", "CARD_RESET"].includes(error.code);
      if (!isPassing) throw error;
      if (performance.now() >= end) return null;
      await sleep(COLLECT_RETRY_MS);
    }
  }
}

/** One card is read once; one that stays on the reader for good is read again, and brings nothing new. */
async function awaitRemoval(reader: CollectCommand["reader"], waitMs: number): Promise<void> {
  try {
    await reader.waitForRemoval({ timeoutMs: waitMs });
  } catch (error) {
    if (!isReaderError(error)) throw error;
  }
}

function amountsOf(payments: readonly CollectedPayment[]): string[] {
  const sums = new Map<CollectedPayment["served"], bigint>();
  for (const { served, amount } of payments) sums.set(served, (sums.get(served) ?? 0n) + amount);
  return [...sums].map(([{ asset }, sum]) => `${formatTotal(sum, asset)} ${asset.code}`);
}
