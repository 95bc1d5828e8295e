import { type Domain, domainField } from "../parties/domain.ts";
import { fixedBytes, publicKey } from "../bytes/fields.ts";
import { defineLayout } from "../bytes/layout.ts";

/** `TLYE`: the card's fresh key for one PIN session, signed by its payment key (spec §3.6). */
export interface PinSession {
  readonly domain: Domain;
  /** 16 bytes of the terminal. */
  readonly challenge: Uint8Array;
  /** Uncompressed, 65 bytes; never the payment key. */
  readonly ephemeralKey: Uint8Array;
}

const layout = defineLayout<PinSession>({
  object: "PinSession",
  head: "TLYE",
  fields: { domain: domainField, challenge: fixedBytes(16), ephemeralKey: publicKey(65) },
});

/** Bytes of a PIN session: 113. */
export const PIN_SESSION_LENGTH: number = layout.length;

/**
 * Writes `TLYE` as its 113 bytes (spec §3.6). Throws ProtocolError where a field is not what it may
 * be.
 */
export function encodePinSession(session: PinSession): Uint8Array {
  return layout.encode(session);
}

/** Reads `TLYE` from exactly 113 bytes; throws ProtocolError. */
export function decodePinSession(bytes: Uint8Array): PinSession {
  return layout.decode(bytes);
}
