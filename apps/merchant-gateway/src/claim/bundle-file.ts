import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { ProgramError } from "@tallystick/program";
import { VOUCHER_BUNDLE_LENGTH } from "@tallystick/protocol";
import { MAX_BUNDLES_IN_FILE } from "../limits.ts";

/** Why a file of bundles is not written or not read; nothing was changed or sent. */
export type BundleFileErrorCode = "BUNDLES_FILE_EXISTS" | "BUNDLES_FILE_UNREADABLE" | "BUNDLES_MALFORMED";

const nextSteps: { readonly [code in BundleFileErrorCode]: string } = {
  BUNDLES_FILE_EXISTS: "Name a file that is not there yet; nothing was overwritten.",
  BUNDLES_FILE_UNREADABLE: "Check the path and the rights of the file.",
  BUNDLES_MALFORMED: "Name a file that the command export has written, copied whole.",
};

/** A file of bundles that cannot be used. */
export class BundleFileError extends ProgramError {
  override readonly name = "BundleFileError";
  declare readonly code: BundleFileErrorCode;

  constructor(code: BundleFileErrorCode, message: string) {
    super(code, message, { exit: "usage", next: nextSteps[code] });
  }
}

/**
 * Writes bundles of 382 bytes back to back (spec §5.8) into a new file; durable when it returns.
 * Throws BundleFileError.
 */
export function writeBundles(path: string, bundles: readonly Uint8Array[]): void {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new BundleFileError("BUNDLES_FILE_EXISTS", `${path} is there already.`);
    throw new BundleFileError("BUNDLES_FILE_UNREADABLE", `${path} cannot be written (${code ?? "unknown"}).`);
  }
  writeAll(file, bundles);
}

function writeAll(file: number, bundles: readonly Uint8Array[]): void {
  try {
    for (const bundle of bundles) writeSync(file, bundle);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Writes further bundles behind those of a file; durable when it returns. */
export function appendBundles(path: string, bundles: readonly Uint8Array[]): void {
  writeAll(openSync(path, "a", 0o600), bundles);
}

/** Reads the bundles of a file, not yet judged. Throws BundleFileError. */
export function readBundles(path: string): readonly Uint8Array[] {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BundleFileError("BUNDLES_FILE_UNREADABLE", `${path} cannot be read (${code ?? "unknown"}).`);
  }
  const count = bytes.length / VOUCHER_BUNDLE_LENGTH;
  if (bytes.length === 0 || !Number.isInteger(count) || count > MAX_BUNDLES_IN_FILE) {
    throw new BundleFileError(
      "BUNDLES_MALFORMED",
      `${path} has ${bytes.length} bytes; bundles have ${VOUCHER_BUNDLE_LENGTH} each, and a file up to ${MAX_BUNDLES_IN_FILE}.`,
    );
  }
  return Array.from({ length: count }, (_, index) =>
    bytes.slice(index * VOUCHER_BUNDLE_LENGTH, (index + 1) * VOUCHER_BUNDLE_LENGTH),
  );
}
