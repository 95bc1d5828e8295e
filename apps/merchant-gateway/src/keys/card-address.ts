import { type Address, ProtocolError } from "@tallystick/protocol";
import { signatureEngine } from "./card-engine.ts";

/**
 * The address of a card's key (33 bytes). Throws ProtocolError where the key is not a point of the
 * curve.
 */
export function cardAddress(cardKey: Uint8Array): Address {
  const address = signatureEngine.addressOf(cardKey);
  if (address === null) throw new ProtocolError("BAD_PUBLIC_KEY", { object: "PublicKey", field: "bytes" });
  return address;
}
