import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createSigner, type Signer } from "@tallystick/protocol";
import { z } from "zod";
import { Failure } from "../failures.ts";

/** Every development key file says of itself that it protects nothing of worth. */
const marked = { development: z.literal(true) };

const masterKeySchema = z.strictObject({
  schema: z.literal("tallystick.dev-master-key/1"),
  ...marked,
  /** AES-128, AES-192 or AES-256. */
  masterKey: z.string().regex(/^0x(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/),
});

const signingKeySchema = z.strictObject({
  schema: z.literal("tallystick.dev-key/1"),
  ...marked,
  keyId: z.int().min(0).max(255).optional(),
  privateKey: z.string().regex(/^0x[0-9a-f]{64}$/),
});

/** Reads the card master key of a development file; throws Failure KEY_FILE, whose text never holds the key. */
export function readMasterKey(path: string): Uint8Array {
  return fromHexDigits(readKeyFile(path, masterKeySchema).masterKey);
}

/** Reads the test terminal's signer; throws Failure KEY_FILE. */
export function readTerminalSigner(path: string): Signer {
  return createSigner(fromHexDigits(readKeyFile(path, signingKeySchema).privateKey));
}

/** Draws a card master key into a new development file; a file that is there is never touched. */
export function drawMasterKeyFile(path: string): void {
  const masterKey = `0x${randomBytes(16).toString("hex")}`;
  writeNew(path, { schema: "tallystick.dev-master-key/1", development: true, masterKey });
}

/** Draws a terminal key into a new development file; a file that is there is never touched. */
export function drawTerminalKeyFile(path: string): void {
  const privateKey = `0x${randomBytes(32).toString("hex")}`;
  writeNew(path, { schema: "tallystick.dev-key/1", development: true, privateKey });
}

function writeNew(path: string, content: Readonly<Record<string, unknown>>): void {
  try {
    writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw new Failure(
      "KEY_FILE",
      `${path} cannot be made: ${(error as NodeJS.ErrnoException).code ?? "unknown reason"}.`,
    );
  }
}

function readKeyFile<T>(path: string, schema: z.ZodType<T>): T {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8")) as unknown;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const fault = isMissing
      ? `There is no file ${path}; init-keys draws one for development.`
      : `${path} cannot be read as JSON.`;
    throw new Failure("KEY_FILE", fault);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path: at }) => at.join(".") || "(file)").join(", ");
  throw new Failure("KEY_FILE", `${path} is not such a key file; look at: ${fields}.`);
}

function fromHexDigits(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), "hex"));
}
