import { amount, fixedBytes, oneOf, unsigned } from "../bytes/fields.ts";
import { defineLayout } from "../bytes/layout.ts";
import { type PayRequest, payRequestField } from "../objects/pay-request.ts";
import type { Cvm } from "../objects/voucher/voucher-context.ts";

/** One record of the card's ring, as PAY commits it and GET LOG shows it (spec §4.3). */
export interface CardRecord {
  readonly request: PayRequest;
  /** Units spent in all, this payment included. */
  readonly spent: bigint;
  readonly allowanceSeq: number;
  readonly cvm: Cvm;
  readonly flags: 0;
  /** SHA-256(M of counter − 1), 32 bytes. */
  readonly link: Uint8Array;
  /** SHA-256(M), 32 bytes. */
  readonly messageHash: Uint8Array;
}

const layout = defineLayout<CardRecord>({
  object: "CardRecord",
  head: "",
  fields: {
    request: payRequestField,
    spent: amount(1n),
    allowanceSeq: unsigned(4, { minimum: 1 }),
    cvm: oneOf([0, 1] as const),
    flags: oneOf([0] as const),
    link: fixedBytes(32),
    messageHash: fixedBytes(32),
  },
});

/** Bytes of a record: 143. GET LOG answers it with a DER signature behind. */
export const CARD_RECORD_LENGTH: number = layout.length;

/** Writes a record as its 143 bytes. Throws ProtocolError where a field is not what it may be. */
export function encodeCardRecord(record: CardRecord): Uint8Array {
  return layout.encode(record);
}

/** Reads a record from exactly 143 bytes; throws ProtocolError. */
export function decodeCardRecord(bytes: Uint8Array): CardRecord {
  return layout.decode(bytes);
}
