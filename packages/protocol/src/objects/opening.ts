import { type Address, addressField } from "../parties/address.ts";
import { type Domain, domainField } from "../parties/domain.ts";
import { defineLayout } from "../bytes/layout.ts";

/**
 * `TLYO`: signed by a card in its personalization channel, opens its slot in the vault (spec §3.6).
 */
export interface Opening {
  readonly domain: Domain;
  /** Whoever may withdraw from the card, not zero. */
  readonly owner: Address;
}

const layout = defineLayout<Opening>({
  object: "Opening",
  head: "TLYO",
  fields: { domain: domainField, owner: addressField },
});

/** Bytes of an opening: 52. */
export const OPENING_LENGTH: number = layout.length;

/**
 * Writes `TLYO` as its 52 bytes (spec §3.6). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodeOpening(opening: Opening): Uint8Array {
  return layout.encode(opening);
}

/** Reads `TLYO` from exactly 52 bytes; throws ProtocolError. */
export function decodeOpening(bytes: Uint8Array): Opening {
  return layout.decode(bytes);
}
