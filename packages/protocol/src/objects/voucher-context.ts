import { sha256 } from "@noble/hashes/sha2.js";
import { copyBytes } from "../bytes/bytes.ts";
import { amount, fixedBytes, oneOf, unsigned } from "../bytes/fields.ts";
import { defineLayout, type Field, nested } from "../bytes/layout.ts";
import { MAX_CATEGORY } from "../bytes/limits.ts";

/** How the cardholder was verified: 0 not at all, 1 by PIN bound to this payment (spec §3.2). */
export type Cvm = 0 | 1;

/** D, what travels with a voucher off chain; the chain sees only its hash in M (spec §3.2). */
export interface VoucherContext {
  /** 16 random bytes of the terminal. */
  readonly challenge: Uint8Array;
  /** 8 bytes. */
  readonly terminalId: Uint8Array;
  /** Seconds, the terminal's claim. */
  readonly time: number;
  /** Units spent by the card in all, this payment included. */
  readonly spent: bigint;
  /** Sequence number of the allowance under which the card paid, at least 1. */
  readonly allowanceSeq: number;
  /** Merchant category 0–63, the terminal's claim. */
  readonly category: number;
  readonly cvm: Cvm;
  readonly flags: 0;
  /** SHA-256(M of counter − 1), zeros for counter 1: 32 bytes. */
  readonly link: Uint8Array;
}

const layout = defineLayout<VoucherContext>({
  object: "VoucherContext",
  head: "TLYC",
  fields: {
    challenge: fixedBytes(16),
    terminalId: fixedBytes(8),
    time: unsigned(4),
    spent: amount(1n),
    allowanceSeq: unsigned(4, { minimum: 1 }),
    category: unsigned(1, { maximum: MAX_CATEGORY }),
    cvm: oneOf([0, 1] as const),
    flags: oneOf([0] as const),
    link: fixedBytes(32),
  },
});

/** Bytes of D: 77. */
export const VOUCHER_CONTEXT_LENGTH: number = layout.length;

/**
 * Writes D as its 77 bytes (spec §3.2). Throws ProtocolError where a field is not what it may be.
 */
export function encodeVoucherContext(context: VoucherContext): Uint8Array {
  return layout.encode(context);
}

/** Reads D from exactly 77 bytes; throws ProtocolError. */
export function decodeVoucherContext(bytes: Uint8Array): VoucherContext {
  return layout.decode(bytes);
}

/** The `context` field of M: the first 20 bytes of SHA-256(D) (spec §3.1). */
export function contextHash(context: VoucherContext): Uint8Array {
  return copyBytes(sha256(layout.encode(context)), 0, 20);
}

/** A field that holds D. */
export const voucherContextField: Field<VoucherContext> = nested(layout);
