import { sha256 } from "@noble/hashes/sha2.js";
import { type Address, addressField } from "../parties/address.ts";
import { type Domain, domainField } from "../parties/domain.ts";
import { fixedBytes, unsigned } from "../bytes/fields.ts";
import { defineLayout } from "../bytes/layout.ts";

/**
 * `TLYU`: a terminal's signed statement of one upload; the same for HTTP, a file and QR codes (spec
 * §3.7).
 */
export interface Upload {
  readonly domain: Domain;
  readonly payee: Address;
  /** 8 bytes. */
  readonly terminalId: Uint8Array;
  /** 1, 2, 3 … for each (domain, terminal). */
  readonly uploadSeq: number;
  /** Journal head after the upload before, zeros for the first: 32 bytes. */
  readonly previousJournalHead: Uint8Array;
  /** SHA-256 of the body, 32 bytes. */
  readonly bodyHash: Uint8Array;
}

const layout = defineLayout<Upload>({
  object: "Upload",
  head: "TLYU",
  fields: {
    domain: domainField,
    payee: addressField,
    terminalId: fixedBytes(8),
    uploadSeq: unsigned(4, { minimum: 1 }),
    previousJournalHead: fixedBytes(32),
    bodyHash: fixedBytes(32),
  },
});

/** Bytes of an upload's head: 128. */
export const UPLOAD_LENGTH: number = layout.length;

/**
 * Writes `TLYU` as its 128 bytes (spec §3.7). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodeUpload(upload: Upload): Uint8Array {
  return layout.encode(upload);
}

/** Reads `TLYU` from exactly 128 bytes; throws ProtocolError. */
export function decodeUpload(bytes: Uint8Array): Upload {
  return layout.decode(bytes);
}

/**
 * The journal head after this upload, SHA-256 of its bytes: the next upload names it (spec §3.7).
 */
export function journalHead(upload: Upload): Uint8Array {
  return sha256(layout.encode(upload));
}
