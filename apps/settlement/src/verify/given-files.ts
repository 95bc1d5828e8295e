import { readFileSync, statSync } from "node:fs";
import { ProgramError } from "@tallystick/program";
import { compressKey, fromHex, isProtocolError, parsePublicKey } from "@tallystick/protocol";

/** A file's text. Throws ProgramError USAGE where it cannot be read, or has more bytes than `most`. */
export function textOf(file: string, { most, what }: { readonly most: number; readonly what: string }): string {
  try {
    if (statSync(file).size > most) throw usage(`${file} is too large.`, `Name a ${what}'s file.`);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof ProgramError) throw error;
    throw usage(`${file} cannot be read.`, "Name a file that is there and may be read.");
  }
}

/** What a file holds as JSON; null where that is none. Throws ProgramError USAGE as `textOf`. */
export function jsonOfFile(file: string, bounds: { readonly most: number; readonly what: string }): unknown {
  const text = textOf(file, bounds);
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** An issuer's public key as --issuer-key gives it, 33 or 65 bytes; answers 33. Throws ProgramError USAGE. */
export function issuerKeyOf(text: string): Uint8Array {
  try {
    const bytes = fromHex(text);
    parsePublicKey(bytes);
    return bytes.length === 33 ? bytes : compressKey(bytes);
  } catch (error) {
    if (isProtocolError(error)) throw usage(`--issuer-key ${text} is no public key.`, "Give its 33 or 65 bytes.");
    throw error;
  }
}

export function usage(message: string, next: string): ProgramError {
  return new ProgramError("USAGE", message, { exit: "usage", next });
}
