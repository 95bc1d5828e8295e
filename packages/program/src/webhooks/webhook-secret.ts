import { createHmac } from "node:crypto";
import { readOwnFile } from "../key-files/key-file.ts";
import { KeyFileError } from "../key-files/key-file-error.ts";
import { MAX_WEBHOOK_SECRET_BYTES, MIN_WEBHOOK_SECRET_BYTES } from "./limits.ts";

const PREFIX = "whsec_";

/**
 * Reads an endpoint's secret, `whsec_` and base64, from a file that its owner alone may read. Throws KeyFileError,
 * whose text never holds it.
 */
export function readWebhookSecret(path: string): Uint8Array {
  const text = readOwnFile(path).trim();
  const secret = text.startsWith(PREFIX) ? Uint8Array.from(Buffer.from(text.slice(PREFIX.length), "base64")) : null;
  const isWhole = secret !== null && Buffer.from(secret).toString("base64") === text.slice(PREFIX.length);
  if (isWhole && secret.length >= MIN_WEBHOOK_SECRET_BYTES && secret.length <= MAX_WEBHOOK_SECRET_BYTES) return secret;
  const bytes = `${MIN_WEBHOOK_SECRET_BYTES} to ${MAX_WEBHOOK_SECRET_BYTES} bytes`;
  throw new KeyFileError("KEY_FILE_MALFORMED", path, `${path} must hold ${PREFIX} and ${bytes} in base64.`);
}

/** The headers of a message (Standard Webhooks): its id, the time of this try in seconds, and the signature. */
export function webhookHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  { secret, now }: { readonly secret: Uint8Array; readonly now: number },
): Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> {
  const signature = createHmac("sha256", secret).update(`${id}.${now}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": String(now), "webhook-signature": `v1,${signature}` };
}
