import { readFileSync } from "node:fs";
import { z } from "zod";

const schema = z.strictObject({
  schema: z.literal("tallystick.dev-key/1"),
  /** Says outright that this key protects nothing of worth; production keys are behind a key service's port. */
  development: z.literal(true),
  keyId: z.int().min(0).max(255).default(1),
  privateKey: z.string().regex(/^0x[0-9a-f]{64}$/),
});

/** A key file is absent or has another form. */
export class KeyFileError extends Error {
  readonly code = "KEY_FILE";
}

/** Reads a development key file; throws KeyFileError, whose text never holds the key. */
export function readDevelopmentKey(path: string): { keyId: number; secretKey: Uint8Array } {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8")) as unknown;
  } catch {
    throw new KeyFileError(`${path} cannot be read as JSON. Make a development key file or mend its path.`);
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join(".") || "(root)").join(", ");
    throw new KeyFileError(`${path} is not a development key file; look at: ${fields}.`);
  }
  return { keyId: parsed.data.keyId, secretKey: Buffer.from(parsed.data.privateKey.slice(2), "hex") };
}
