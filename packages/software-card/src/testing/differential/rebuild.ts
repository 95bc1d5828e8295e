import { concatBytes } from "@tallystick/apdu";
import { sha256 } from "./issuer.ts";

// What a card signs, built here from spec §3 alone: neither the package under test nor the codecs
// take part.

const text = new TextEncoder();

/** Chain 31337 and a vault of 0x11. */
export const DOMAIN = concatBytes(Uint8Array.of(0, 0, 0, 0, 0, 0, 0x7a, 0x69), new Uint8Array(20).fill(0x11));
export const OTHER_DOMAIN = concatBytes(Uint8Array.of(0, 0, 0, 0, 0, 0, 0x7a, 0x69), new Uint8Array(20).fill(0x12));
export const OWNER = new Uint8Array(20).fill(0x99);

export function tagged(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(text.encode(tag), ...parts);
}

export function number(value: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt(Math.trunc(value));
  for (let at = length - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

export function valueOf(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

/**
 * M (spec §3.1, §3.2) of a domain, the 67 bytes of a request and the fields that the card answered:
 * spent 6 ‖ seq 4 ‖ cvm ‖ flags ‖ link 32.
 */
export function voucherMessage(domain: Uint8Array, request: Uint8Array, answered: Uint8Array): Uint8Array {
  const context = tagged(
    "TLYC",
    request.slice(42, 58),
    request.slice(58, 66),
    request.slice(38, 42),
    answered.slice(0, 10),
    request.slice(66, 67),
    answered.slice(10, 44),
  );
  return tagged(
    "TLY1",
    domain,
    request.slice(12, 32),
    request.slice(8, 12),
    request.slice(32, 38),
    sha256(context).slice(0, 20),
  );
}
