import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, faultAt } from "@tallystick/program";
import { parse } from "csv-parse/sync";
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

/**
 * Writes the PINs of cards into one file for a printer, and their PUKs into another. Throws ConfigError that names every card
 * whose letter is not there, and Failure USAGE where a file is there already.
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
  for (const name of ["pin", "puk"] as const) {
    const rows = cards.map(({ reference, label }) => {
      const { pin, puk } = letters.secretsOf(reference);
      const digits = (name === "pin" ? pin : puk).join("");
      pin.fill(0);
      puk.fill(0);
      return [reference, label ?? "", digits];
    });
    writeNewFile(join(folder, FILES[name]), csvLines(["reference", "label", name], rows));
  }
}

/**
 * Removes what was printed: the letters of the cards in the printer's files, and the files. Answers the references. Throws
 * Failure USAGE where there are none.
 */
export function removePrinted(folder: string, letters: Pick<PinLetters, "forget">): readonly string[] {
  const path = join(folder, FILES.pin);
  if (!existsSync(path)) throw new Failure("USAGE", `${path} is not there: export the letters first.`);
  const rows = parse(readFileSync(path, "utf8"), { columns: true }) as readonly { readonly reference: string }[];
  const references = rows.map(({ reference }) => reference);
  for (const reference of references) letters.forget(reference);
  // The list of what is to be removed goes last: whoever was stopped in between runs it again.
  for (const file of [FILES.puk, FILES.pin]) removeFile(join(folder, file));
  return references;
}
