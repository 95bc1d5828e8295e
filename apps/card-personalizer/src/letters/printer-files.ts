import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ConfigError, faultAt } from "@tallystick/program";
import { CsvError, parse } from "csv-parse/sync";
import { Failure } from "../failures.ts";
import { makeFolder, removeFile, writeNewFile } from "../keys/new-file.ts";
import type { PinLetters } from "../keys/pin-letters.ts";
import { csvLines } from "./csv-lines.ts";

/** A card that has a PIN. */
export interface LetteredCard {
  readonly reference: string;
  readonly label: string | null;
}

/** PINs and PUKs apart, so that one printer never sees both. */
const FILES = { pin: "pins.csv", puk: "puks.csv" } as const;

/** A printer's file as it is to be, and what is there of it. */
interface PrinterFile {
  readonly path: string;
  readonly text: string;
  /** Null where there is none. */
  readonly there: string | null;
}

/**
 * Writes the PINs of cards into one file for a printer, and their PUKs into another; goes on with what was stopped in between.
 * Throws ConfigError that names every card whose letter is not there, and Failure USAGE where a file is there already.
 */
export function writePrinterFiles(
  folder: string,
  cards: readonly LetteredCard[],
  letters: Pick<PinLetters, "has" | "secretsOf">,
): void {
  const missing = cards.filter(({ reference }) => !letters.has(reference));
  if (missing.length > 0)
    throw new ConfigError(
      missing.map(({ reference }) => faultAt(reference, "has a PIN, and its letter is not in the folder any more")),
      "The order",
    );
  makeFolder(folder);
  // PINs are confirmed by their file, so it goes last.
  const files = (["puk", "pin"] as const).map((name): PrinterFile => {
    const path = join(folder, FILES[name]);
    const there = existsSync(path) ? readFileSync(path, "utf8") : null;
    return { path, text: textOf(name, cards, letters), there };
  });
  assertNoneEnded(files);
  for (const { path, text, there } of files) {
    if (there === text) continue;
    removeFile(path);
    writeNewFile(path, text);
  }
}

function textOf(
  name: keyof typeof FILES,
  cards: readonly LetteredCard[],
  letters: Pick<PinLetters, "secretsOf">,
): string {
  const rows = cards.map(({ reference, label }) => {
    const { pin, puk } = letters.secretsOf(reference);
    const digits = (name === "pin" ? pin : puk).join("");
    pin.fill(0);
    puk.fill(0);
    return [reference, label ?? "", digits];
  });
  return csvLines(["reference", "label", name], rows);
}

/**
 * What a printer may have is never written over: only an export of the same cards that was stopped is gone on with. It left
 * one file, or a whole one and the beginning of the other. Throws Failure USAGE.
 */
function assertNoneEnded(files: readonly PrinterFile[]): void {
  const found = files.filter(({ there }) => there !== null);
  const whole = found.filter(({ there, text }) => there === text);
  const isStopped = found.every(isBegun) && (found.length < 2 || whole.length === 1);
  const [first] = found;
  if (first === undefined || isStopped) return;
  throw new Failure(
    "USAGE",
    `${first.path} is there already, of an export that came to its end or of other cards. Confirm what is printed, or name another folder.`,
  );
}

/** Whether a file is the beginning of what it is to be, or was overwritten with zeros to be removed. */
function isBegun({ there, text }: PrinterFile): boolean {
  return there !== null && (text.startsWith(there) || there.replaceAll("\0", "") === "");
}

/**
 * Removes what was printed: the letters of the cards in the printer's files, and the files. Answers the references. Throws
 * Failure USAGE where there are none, and where the two are not of the same cards: then some PIN or PUK was never exported.
 */
export function removePrinted(folder: string, letters: Pick<PinLetters, "has" | "forget">): readonly string[] {
  const path = join(folder, FILES.pin);
  if (!existsSync(path)) throw new Failure("USAGE", `${path} is not there: export the letters first.`);
  const references = referencesIn(path);
  const others = referencesIn(join(folder, FILES.puk));
  // Where none of their letters is left, this has begun before and removed a part of the files.
  if (!isDeepStrictEqual(references, others) && [...references, ...others].some((each) => letters.has(each)))
    throw new Failure(
      "USAGE",
      `${FILES.pin} and ${FILES.puk} in ${folder} are not of the same cards: nothing was removed. Export the letters again, and print both.`,
    );
  for (const reference of references) letters.forget(reference);
  // The list of what is to be removed goes last: whoever was stopped in between runs it again.
  for (const file of [FILES.puk, FILES.pin]) removeFile(join(folder, file));
  return references;
}

/** The cards of a printer's file; none where it is not there or not whole. */
function referencesIn(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  try {
    const rows = parse(readFileSync(path, "utf8"), { columns: true }) as readonly { readonly reference: string }[];
    return rows.map(({ reference }) => reference);
  } catch (error) {
    if (error instanceof CsvError) return [];
    throw error;
  }
}
