import { fromHex, toHex } from "@tallystick/protocol";
import { z } from "zod";
import { assertKeyFits, type KeyUse } from "./development.ts";
import { KeyFileError } from "./key-file-error.ts";
import { makeKeyFile, readKeyFile } from "./key-file.ts";

const schema = "tallystick.dev-key/1";
const secret = z.string().regex(/^0x[0-9a-f]{64}$/);

/** A key file says of itself whether it protects nothing of worth. */
const developmentKeySchema = z.strictObject({
  schema: z.literal(schema),
  development: z.boolean(),
  keyId: z.int().min(0).max(255).default(1),
  privateKey: secret,
});

/**
 * Any JSON file with a field `privateKey`: the key of an account of the chain, as wallets and tools
 * write it.
 */
const accountKeySchema = z.looseObject({
  development: z.boolean().default(false),
  privateKey: z.string().regex(/^0x[0-9a-fA-F]{64}$/),
});

/**
 * Reads a development key file,
 * `{"schema":"tallystick.dev-key/1","development":true,"keyId":1,"privateKey":"0x…"}`; the id is 1
 * where it is left out. With `"development": false` somebody answers for the file, and it may be used
 * anywhere. Throws KeyFileError.
 */
export function readDevelopmentKey(
  path: string,
  use: KeyUse,
): { readonly keyId: number; readonly secretKey: Uint8Array } {
  const { keyId, privateKey, development } = readKeyFile(path, developmentKeySchema);
  assertKeyFits(path, development, use);
  return { keyId, secretKey: secretOf(path, privateKey) };
}

/** Makes a development key file of 32 secret bytes. Throws KeyFileError. */
export function makeDevelopmentKey(path: string, secretKey: Uint8Array, keyId?: number): void {
  const id = keyId === undefined ? {} : { keyId };
  makeKeyFile(path, { schema, development: true, ...id, privateKey: toHex(secretKey) });
}

/**
 * Reads the key of an account of the chain, `{"privateKey":"0x…"}` with whatever else. Throws
 * KeyFileError.
 */
export function readAccountKey(path: string, use: KeyUse): Uint8Array {
  const { development, privateKey } = readKeyFile(path, accountKeySchema);
  assertKeyFits(path, development, use);
  return secretOf(path, privateKey);
}

/** Zero is no key; it would only be noticed at the first signature. */
function secretOf(path: string, privateKey: string): Uint8Array {
  const bytes = fromHex(privateKey, 32);
  if (bytes.some((byte) => byte !== 0)) return bytes;
  throw new KeyFileError("KEY_FILE_MALFORMED", path, `${path} is not such a key file; check privateKey.`);
}
