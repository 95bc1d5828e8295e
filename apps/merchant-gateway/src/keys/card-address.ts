import { type Address, ProtocolError, toHex } from "@tallystick/protocol";
import { MAX_REMEMBERED_ADDRESSES } from "../limits.ts";
import { signatureEngine } from "./card-engine.ts";

const known = new Map<string, Address>();

/**
 * The address of a card's key (33 bytes), derived once: that takes most of a millisecond, and a
 * page of payments asks for 50 of them every few seconds. Throws ProtocolError where the key is not
 * a point of the curve.
 */
export function cardAddress(cardKey: Uint8Array): Address {
  const name = toHex(cardKey);
  const found = known.get(name);
  if (found !== undefined) return found;
  const address = signatureEngine.addressOf(cardKey);
  if (address === null) throw new ProtocolError("BAD_PUBLIC_KEY", { object: "PublicKey", field: "bytes" });
  if (known.size >= MAX_REMEMBERED_ADDRESSES) {
    const [oldest] = known.keys();
    if (oldest !== undefined) known.delete(oldest);
  }
  known.set(name, address);
  return address;
}
