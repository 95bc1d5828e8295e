import { closeSync, fsyncSync, openSync, writeFileSync } from "node:fs";
import { Failure } from "../failures.ts";

/** Writes a file that is not there yet, for its owner's eyes only, and durably. Throws Failure USAGE. */
export function writeNewFile(path: string, text: string): void {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    throw new Failure("USAGE", `${path} cannot be made: ${(error as Error).message}`);
  }
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
