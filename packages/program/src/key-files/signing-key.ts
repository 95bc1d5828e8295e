import { fromHex, toHex } from "@tallystick/protocol";
import { z } from "zod";
import { KeyFileError } from "./key-file-error.ts";
import { makeKeyFile, readKeyFile } from "./key-file.ts";

const schema = "tallystick.dev-key/1";
const secret = z.string().regex(/^0x[0-9a-f]{64}$/);

/** A development key file says of itself that it protects nothing of worth. */
const developmentKeySchema = z.strictObject({
  schema: z.literal(schema),
  development: z.literal(true),
  keyId: z.int().min(0).max(255).default(1),
  privateKey: secret,
});

/**
 * Any JSON file with a field `privateKey`: the key of an account of the chain, as wallets and tools
 * write it.
 */
const accountKeySchema = z.looseObject({ privateKey: z.string().regex(/^0x[0-9a-fA-F]{64}$/) });

/**
 * Reads a development key file,
 * `{"schema":"tallystick.dev-key/1","development":true,"keyId":1,"privateKey":"0x…"}`; the id is 1
 * where it is left out. Throws KeyFileError.
 */
export function readDevelopmentKey(path: string): { readonly keyId: number; readonly secretKey: Uint8Array } {
  const { keyId, privateKey } = readKeyFile(path, developmentKeySchema);
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
export function readAccountKey(path: string): Uint8Array {
  return secretOf(path, readKeyFile(path, accountKeySchema).privateKey);
}

/** Zero is no key; it would only be noticed at the first signature. */
function secretOf(path: string, privateKey: string): Uint8Array {
  const bytes = fromHex(privateKey, 32);
  if (bytes.some((byte) => byte !== 0)) return bytes;
  throw new KeyFileError("KEY_FILE_MALFORMED", path, `${path} is not such a key file; check privateKey.`);
}
