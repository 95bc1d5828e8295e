import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { createSigner, fromHex, type Signer, toHex } from "@tallystick/protocol";

/** Why there is no terminal key. */
export type TerminalKeyErrorCode =
  "TERMINAL_KEY_MISSING" | "TERMINAL_KEY_EXISTS" | "TERMINAL_KEY_MALFORMED" | "TERMINAL_KEY_EXPOSED";

/** A terminal key that cannot be made or read: a stable code, what happened, what to do. */
export class TerminalKeyError extends Error {
  override readonly name = "TerminalKeyError";
  readonly code: TerminalKeyErrorCode;

  constructor(code: TerminalKeyErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const schema = "tallystick.terminal-key/1";

/**
 * Makes the terminal's key and keeps it in a file that only its owner may read; answers the compressed public key.
 * Throws TERMINAL_KEY_EXISTS rather than replace a key: vouchers and a journal may depend on it.
 */
export function makeTerminalKey(path: string, randomBytes: (length: number) => Uint8Array): Uint8Array {
  const secret = randomBytes(32);
  const { publicKey } = createSigner(secret);
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw new TerminalKeyError(
        "TERMINAL_KEY_EXISTS",
        `${path} exists already; it is kept. Remove it only if no terminal uses it any more.`,
      );
    }
    throw error;
  }
  try {
    writeSync(file, `${JSON.stringify({ schema, privateKey: toHex(secret), publicKey: toHex(publicKey) }, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return publicKey;
}

/** Reads the terminal's key. Throws TerminalKeyError. */
export function readTerminalKey(path: string): Signer {
  let text: string;
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      throw new TerminalKeyError(
        "TERMINAL_KEY_EXPOSED",
        `Others may read ${path}; run chmod 600 on it, and consider the key known.`,
      );
    }
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof TerminalKeyError) throw error;
    throw new TerminalKeyError("TERMINAL_KEY_MISSING", `${path} cannot be read; make a key with --init-keys.`);
  }
  try {
    const json = JSON.parse(text) as Record<string, unknown>;
    if (json["schema"] !== schema) throw new Error(`its schema is not ${schema}`);
    return createSigner(fromHex(json["privateKey"], 32));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TerminalKeyError("TERMINAL_KEY_MALFORMED", `${path} is not a terminal key: ${reason}`);
  }
}
