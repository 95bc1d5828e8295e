import { makeKeyFile, readKeyFile, textReadBy } from "@tallystick/program";
import { createSigner, fromHex, type Signer, toHex } from "@tallystick/protocol";
import { z } from "zod";

/** Names the file's form, and the line that `--init-keys` prints. */
export const TERMINAL_KEY_SCHEMA = "tallystick.terminal-key/1";

const keySchema = z.looseObject({
  schema: z.literal(TERMINAL_KEY_SCHEMA),
  privateKey: textReadBy((text) => createSigner(fromHex(text, 32))),
});

/**
 * Makes the terminal's key and keeps it in a file that only its owner may read; answers the compressed public key. Throws
 * KEY_FILE_EXISTS rather than replace a key: vouchers and a journal may depend on it.
 */
export function makeTerminalKey(path: string, randomBytes: (length: number) => Uint8Array): Uint8Array {
  const secret = randomBytes(32);
  const { publicKey } = createSigner(secret);
  makeKeyFile(path, { schema: TERMINAL_KEY_SCHEMA, privateKey: toHex(secret), publicKey: toHex(publicKey) });
  return publicKey;
}

/** Reads the terminal's key. Throws KeyFileError. */
export function readTerminalKey(path: string): Signer {
  return readKeyFile(path, keySchema).privateKey;
}
