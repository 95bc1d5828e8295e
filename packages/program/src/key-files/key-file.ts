import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { z } from "zod";
import { MAX_KEY_FILE_BYTES } from "../limits.ts";
import { KeyFileError } from "./key-file-error.ts";

/** Rights of a group and of all others. */
const OTHERS_MASK = 0o077;

/**
 * Reads a key file: one JSON object that only its owner may read (mode 0600 or stricter), checked
 * by a schema. Throws KeyFileError, whose text never holds the key.
 */
export function readKeyFile<T>(path: string, schema: z.ZodType<T>): T {
  const content = parse(path, readOwnFile(path));
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const fields = new Set(parsed.error.issues.map(({ path: at }) => at.join(".") || "the whole file"));
  throw new KeyFileError(
    "KEY_FILE_MALFORMED",
    path,
    `${path} is not such a key file; check ${[...fields].join(", ")}.`,
  );
}

/**
 * Makes a key file for its owner's eyes only (mode 0600); it is on the disk when this returns.
 * Throws KEY_FILE_EXISTS rather than replace a file that is there.
 */
export function makeKeyFile(path: string, content: Readonly<Record<string, unknown>>): void {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if (codeOf(error) === "EEXIST") {
      throw new KeyFileError("KEY_FILE_EXISTS", path, `${path} exists already; it is kept as it is.`);
    }
    throw new KeyFileError("KEY_FILE_INACCESSIBLE", path, `${path} cannot be made (${codeOf(error)}).`);
  }
  try {
    writeSync(file, `${JSON.stringify(content, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncFolder(dirname(path));
}

/**
 * The text of a file that nobody but its owner may read, such as one that holds a token. The rights
 * are those of the file that is read, not of its name. Throws KeyFileError.
 */
export function readOwnFile(path: string): string {
  return new TextDecoder().decode(readOwnBytes(path));
}

/** The same file's bytes. Throws KeyFileError. */
export function readOwnBytes(path: string): Uint8Array {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new KeyFileError("KEY_FILE_MISSING", path, `There is no key file ${path}.`);
    throw new KeyFileError("KEY_FILE_INACCESSIBLE", path, `${path} cannot be read (${code}).`);
  }
  try {
    const { mode, size } = fstatSync(file);
    // Windows keeps rights elsewhere and shows none here.
    if (process.platform !== "win32" && (mode & OTHERS_MASK) !== 0) {
      const rights = (mode & 0o777).toString(8).padStart(4, "0");
      throw new KeyFileError("KEY_FILE_EXPOSED", path, `Others may read or write ${path} (its mode is ${rights}).`);
    }
    if (size > MAX_KEY_FILE_BYTES)
      throw new KeyFileError("KEY_FILE_MALFORMED", path, `${path} is too large for a key file.`);
    return readFileSync(file);
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    throw new KeyFileError("KEY_FILE_INACCESSIBLE", path, `${path} cannot be read (${codeOf(error)}).`);
  } finally {
    closeSync(file);
  }
}

/** The parser's own message would quote the text. */
function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new KeyFileError("KEY_FILE_MALFORMED", path, `${path} is not JSON.`);
  }
}

/** A new name is durable when its folder is; not every system lets a folder be synchronized. */
function syncFolder(path: string): void {
  let folder: number;
  try {
    folder = openSync(path, "r");
  } catch {
    return;
  }
  try {
    fsyncSync(folder);
  } catch {
    // The file itself is on the disk.
  } finally {
    closeSync(folder);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown reason";
}
