import { type Domain, domainField } from "./domain.ts";
import { publicKey } from "./fields.ts";
import { defineLayout, type Field, nested } from "./layout.ts";
import { type PayRequest, payRequestField } from "./pay-request.ts";

/** `TLYX`: a terminal's word that it gave nothing for a request (spec §3.7). */
export interface Cancellation {
  readonly domain: Domain;
  /** Compressed, 33 bytes. */
  readonly cardKey: Uint8Array;
  readonly request: PayRequest;
}

const layout = defineLayout<Cancellation>({
  object: "Cancellation",
  head: "TLYX",
  fields: { domain: domainField, cardKey: publicKey(33), request: payRequestField },
});

/** Bytes of a cancellation: 132. */
export const CANCELLATION_LENGTH: number = layout.length;

/** Writes `TLYX` as its 132 bytes (spec §3.7). Throws ProtocolError where a field is not what it may be. */
export function encodeCancellation(cancellation: Cancellation): Uint8Array {
  return layout.encode(cancellation);
}

/** Reads `TLYX` from exactly 132 bytes; throws ProtocolError. */
export function decodeCancellation(bytes: Uint8Array): Cancellation {
  return layout.decode(bytes);
}

/** A field that holds a cancellation. */
export const cancellationField: Field<Cancellation> = nested(layout);
