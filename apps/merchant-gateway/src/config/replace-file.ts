import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Puts a text in the place of a file's, durable when it returns: whoever reads, and a start after a loss
 * of power, sees the old one or the new one as a whole. Throws where it cannot be written.
 */
export function replaceFile(path: string, text: string, mode: number): void {
  const unfinished = `${path}.new`;
  const file = openSync(unfinished, "w", mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
