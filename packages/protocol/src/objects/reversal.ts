import { type Domain, domainField } from "../parties/domain.ts";
import { publicKey } from "../bytes/fields.ts";
import { defineLayout, type Field, nested } from "../bytes/layout.ts";
import { type PayRequest, payRequestField } from "./pay-request.ts";

/** `TLYX`: a terminal's statement that nothing was given for a request (spec §3.7). */
export interface Reversal {
  readonly domain: Domain;
  /** Compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
  readonly request: PayRequest;
}

const layout = defineLayout<Reversal>({
  object: "Reversal",
  head: "TLYX",
  fields: { domain: domainField, cardKey: publicKey(33), request: payRequestField },
});

/** Bytes of a reversal: 132. */
export const REVERSAL_LENGTH: number = layout.length;

/**
 * Writes `TLYX` as its 132 bytes (spec §3.7). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodeReversal(reversal: Reversal): Uint8Array {
  return layout.encode(reversal);
}

/** Reads `TLYX` from exactly 132 bytes; throws ProtocolError. */
export function decodeReversal(bytes: Uint8Array): Reversal {
  return layout.decode(bytes);
}

/** A field that holds a reversal. */
export const reversalField: Field<Reversal> = nested(layout);
