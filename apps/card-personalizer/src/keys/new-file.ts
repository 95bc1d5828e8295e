import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { Failure } from "../failures.ts";

/** Makes a folder for its owner's eyes only, where it is not there. */
export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

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

/** Overwrites a file with zeros, as far as its file system lets us, and removes it; nothing where it is not there. */
export function removeFile(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, "r+");
  try {
    writeSync(file, new Uint8Array(fstatSync(file).size));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  unlinkSync(path);
}
