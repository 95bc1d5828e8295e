import { EXIT, type ExitCode } from "@tallystick/program";
import { loadConfig, type Config } from "../../config/load-config.ts";
import { Failure } from "../../failures.ts";
import { Journal } from "../../journal/journal.ts";
import { createPinFolder, type PinLetters } from "../../keys/pin-letters.ts";
import { writeLabels } from "../../letters/card-labels.ts";
import { removePrinted, writePrinterFiles } from "../../letters/printer-files.ts";
import type { OrderRow } from "../../order/order-row.ts";
import { readOrder } from "../../order/read-order.ts";
import { createEnvironment, reportFailure, type ProgramIo } from "../program-io.ts";

const SCHEMA = "tallystick.order/1";

export interface LettersFlags {
  readonly config: string;
  readonly out: string;
  readonly json: boolean;
}

/** `labels`: a QR code for each card of an order that has its key, and the list of them. Answers the exit code. */
export function runLabels(order: string, flags: LettersFlags, io: ProgramIo): ExitCode {
  return withOrder(order, flags, io, (rows, { journal, config }) => {
    const cards = rows.flatMap(({ reference, label }) => {
      const card = journal.step(reference, "generate-key")?.data["card"];
      return typeof card === "string" ? [{ reference, label, card }] : [];
    });
    writeLabels(flags.out, cards, config.domain.chainId);
    return told("labels", { cards: cards.length, missing: rows.length - cards.length }, flags, io);
  });
}

/** `letters export`: PINs for one printer and PUKs for another, of the cards that have them. Answers the exit code. */
export function runLettersExport(order: string, flags: LettersFlags, io: ProgramIo): ExitCode {
  return withOrder(order, flags, io, (rows, { journal, config }) => {
    // A card that has not taken its PIN yet may still get another one.
    const cards = rows.filter(({ reference }) => journal.step(reference, "pin")?.state === "done");
    writePrinterFiles(flags.out, cards, lettersOf(config, io));
    return told("letters", { cards: cards.length, missing: rows.length - cards.length }, flags, io);
  });
}

/** `letters confirm`: they are printed; nothing of them stays here. Answers the exit code. */
export function runLettersConfirm(flags: LettersFlags, io: ProgramIo): ExitCode {
  try {
    const removed = removePrinted(flags.out, lettersOf(loadConfig(flags.config), io));
    return told("letters-removed", { cards: removed.length, missing: 0 }, flags, io);
  } catch (error) {
    return reportFailure(error, flags.json, io);
  }
}

function withOrder(
  order: string,
  flags: LettersFlags,
  io: ProgramIo,
  work: (rows: readonly OrderRow[], station: { readonly journal: Journal; readonly config: Config }) => ExitCode,
): ExitCode {
  try {
    const config = loadConfig(flags.config);
    const rows = readOrder(order);
    const journal = new Journal(config.journal);
    try {
      return work(rows, { journal, config });
    } finally {
      journal.close();
    }
  } catch (error) {
    return reportFailure(error, flags.json, io);
  }
}

function lettersOf({ pinFolder }: Config, { signal }: ProgramIo): PinLetters {
  if (pinFolder === undefined) throw new Failure("USAGE", "The configuration names no pinFolder.");
  return createPinFolder(pinFolder, createEnvironment(signal).randomBytes);
}

function told(
  event: "labels" | "letters" | "letters-removed",
  counts: { readonly cards: number; readonly missing: number },
  { json, out }: LettersFlags,
  { writeLine }: ProgramIo,
): ExitCode {
  const { cards, missing } = counts;
  const what = {
    labels: `Labels of ${cards} cards are in ${out}; ${missing} have no key yet.`,
    letters: `PINs and PUKs of ${cards} cards are in ${out}; ${missing} have none. Say letters confirm when they are printed.`,
    "letters-removed": `Letters of ${cards} cards are removed, here and in ${out}.`,
  }[event];
  writeLine(json ? JSON.stringify({ schema: SCHEMA, event, out, ...counts }) : what);
  return EXIT.done;
}
