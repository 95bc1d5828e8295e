import { concatBytes, withParity } from "@tallystick/protocol";

/** A signature: r ‖ s with low s, and the parity of its point. */
export interface ParitySignature {
  /** 64 bytes. */
  readonly signature: Uint8Array;
  readonly parity: 0 | 1;
}

/** M with its card's signature. */
export interface SignedMessage extends ParitySignature {
  /** 82 bytes. */
  readonly message: Uint8Array;
}

/** r, and s with the parity in its top bit (spec §7.1). */
export function packed({ signature, parity }: ParitySignature): readonly [Uint8Array, Uint8Array] {
  const marked = withParity(signature, parity);
  return [marked.slice(0, 32), marked.slice(32)];
}

/** Reads r, and s with the parity in its top bit, 32 bytes each (spec §7.1); does not judge them. */
export function unpackSignature({ r, vs }: { readonly r: Uint8Array; readonly vs: Uint8Array }): ParitySignature {
  const s = vs.slice();
  const parity = (s[0] ?? 0) >= 0x80 ? 1 : 0;
  s[0] = (s[0] ?? 0) & 0x7f;
  return { signature: concatBytes(r, s), parity };
}
