import { chmodSync, closeSync, openSync, statSync } from "node:fs";

const OWNER_ONLY = 0o600;
const OTHERS_MASK = 0o077;

/**
 * Makes a file that its owner alone may read and write where there is none, and takes the rights of
 * all others from one that is there. Answers whether others had some. Throws what the file system
 * throws.
 */
export function makePrivate(path: string): boolean {
  closeSync(openSync(path, "a", OWNER_ONLY));
  return takeRights(path);
}

/** Takes the rights of all others from a file; false where it is not there or had none to take. */
export function takeRights(path: string): boolean {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  // Windows keeps rights elsewhere and shows none here.
  if (mode === undefined || process.platform === "win32" || (mode & OTHERS_MASK) === 0) return false;
  chmodSync(path, mode & ~OTHERS_MASK);
  return true;
}
