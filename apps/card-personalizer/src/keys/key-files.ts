import { randomBytes } from "node:crypto";
import {
  assertKeyFits,
  type KeyUse,
  makeDevelopmentKey,
  makeKeyFile,
  readDevelopmentKey,
  readKeyFile,
} from "@tallystick/program";
import { createSigner, fromHex, type Signer } from "@tallystick/protocol";
import { z } from "zod";

const schema = "tallystick.dev-master-key/1";

/** A key file says of itself whether it protects nothing of worth. */
const masterKeySchema = z.strictObject({
  schema: z.literal(schema),
  development: z.boolean(),
  /** AES-128, AES-192 or AES-256. */
  masterKey: z.string().regex(/^0x(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/),
});

/** Reads the card master key of a development file; throws KeyFileError, whose text never holds the key. */
export function readMasterKey(path: string, use: KeyUse): Uint8Array {
  const { development, masterKey } = readKeyFile(path, masterKeySchema);
  assertKeyFits(path, development, use);
  return fromHex(masterKey);
}

/** Reads the signer of the issuer's terminal; throws KeyFileError. */
export function readTerminalSigner(path: string, use: KeyUse): Signer {
  return createSigner(readDevelopmentKey(path, use).secretKey);
}

/** Draws a card master key into a new development file; a file that is there is never touched. */
export function drawMasterKeyFile(path: string): void {
  makeKeyFile(path, { schema, development: true, masterKey: `0x${randomBytes(16).toString("hex")}` });
}

/** Draws a terminal key into a new development file; a file that is there is never touched. */
export function drawTerminalKeyFile(path: string): void {
  makeDevelopmentKey(path, Uint8Array.from(randomBytes(32)));
}
