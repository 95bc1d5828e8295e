import { randomBytes } from "node:crypto";
import { makeDevelopmentKey, makeKeyFile, readDevelopmentKey, readKeyFile } from "@tallystick/program";
import { createSigner, fromHex, type Signer } from "@tallystick/protocol";
import { z } from "zod";

const schema = "tallystick.dev-master-key/1";

/** A development key file says of itself that it protects nothing of worth. */
const masterKeySchema = z.strictObject({
  schema: z.literal(schema),
  development: z.literal(true),
  /** AES-128, AES-192 or AES-256. */
  masterKey: z.string().regex(/^0x(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/),
});

/** Reads the card master key of a development file; throws KeyFileError, whose text never holds the key. */
export function readMasterKey(path: string): Uint8Array {
  return fromHex(readKeyFile(path, masterKeySchema).masterKey);
}

/** Reads the signer of the issuer's terminal; throws KeyFileError. */
export function readTerminalSigner(path: string): Signer {
  return createSigner(readDevelopmentKey(path).secretKey);
}

/** Draws a card master key into a new development file; a file that is there is never touched. */
export function drawMasterKeyFile(path: string): void {
  makeKeyFile(path, { schema, development: true, masterKey: `0x${randomBytes(16).toString("hex")}` });
}

/** Draws a terminal key into a new development file; a file that is there is never touched. */
export function drawTerminalKeyFile(path: string): void {
  makeDevelopmentKey(path, Uint8Array.from(randomBytes(32)));
}
