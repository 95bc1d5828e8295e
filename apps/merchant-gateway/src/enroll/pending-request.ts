import { existsSync, readFileSync, rmSync } from "node:fs";
import {
  CERTIFICATE_REQUEST_LENGTH,
  CERTIFICATE_REQUEST_SECONDS,
  decodeCertificateRequest,
  digestOf,
  encodeCertificateRequest,
  equalBytes,
  fromHex,
  isProtocolError,
  toHex,
  type CertificateRequest,
  type Signer,
} from "@tallystick/protocol";
import type { CertificateRequestBody } from "@tallystick/protocol/wire";
import { PRIVATE_FILE_MODE } from "../config/limits.ts";
import { replaceFile } from "../config/replace-file.ts";
import { MAX_PENDING_FILE_BYTES } from "./limits.ts";

/** A request that is under way. */
export interface PendingRequest extends CertificateRequestBody {
  /** SHA-256 of `TLYQ`, 0x hex. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** The file beside the certificate's, in which a request is kept until it is answered. */
export function pendingFileOf(certificateFile: string): string {
  return `${certificateFile}.request`;
}

/**
 * The request that is under way for exactly this, or a new one, durable before it is sent: so that a command that was
 * stopped anywhere goes on with the digits that were compared. Throws where the file cannot be written.
 */
export async function pendingRequest(
  file: string,
  wanted: Omit<CertificateRequest, "time">,
  { signer, now }: { readonly signer: Signer; readonly now: number },
): Promise<PendingRequest> {
  const kept = readPending(file);
  if (kept !== null && isFor(kept, wanted, now)) return kept;
  const bytes = encodeCertificateRequest({ ...wanted, time: now });
  const body = { request: toHex(bytes), signature: toHex(await signer.sign(digestOf(bytes))) };
  replaceFile(file, `${JSON.stringify(body)}\n`, PRIVATE_FILE_MODE);
  return { ...body, bytes, id: toHex(digestOf(bytes)) };
}

/** It was answered. */
export function forgetPending(file: string): void {
  rmSync(file, { force: true });
}

/** Null where there is none, or none that can be read: then a new one takes its place. */
function readPending(file: string): PendingRequest | null {
  if (!existsSync(file)) return null;
  try {
    const text = readFileSync(file, "utf8");
    if (text.length > MAX_PENDING_FILE_BYTES) return null;
    const { request, signature } = JSON.parse(text) as Record<string, unknown>;
    const bytes = fromHex(request, CERTIFICATE_REQUEST_LENGTH);
    return {
      ...{ request: toHex(bytes), signature: toHex(fromHex(signature, 64)) },
      ...{ bytes, id: toHex(digestOf(bytes)) },
    };
  } catch (error) {
    if (error instanceof SyntaxError || isProtocolError(error)) return null;
    throw error;
  }
}

function isFor({ bytes }: PendingRequest, wanted: Omit<CertificateRequest, "time">, now: number): boolean {
  const { time } = decodeCertificateRequest(bytes);
  const isOfNow = now - time < CERTIFICATE_REQUEST_SECONDS && time <= now;
  return isOfNow && equalBytes(encodeCertificateRequest({ ...wanted, time }), bytes);
}
