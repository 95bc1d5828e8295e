import { describe, expect, it } from "@jest/globals";
import { concatBytes, GROUP_ORDER, toHex } from "@tallystick/protocol";
import { recoverSigner, signerOf } from "./vault-signature.ts";

describe("the vault's form of a signature", () => {
  const bytes = (value: bigint) => new Uint8Array(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
  const half = GROUP_ORDER >> 1n;
  const asked = (r: bigint, vs: bigint) => {
    const seen: string[] = [];
    signerOf(bytes(1n), { r: bytes(r), vs: bytes(vs) }, (_digest, { r: first, s, parity }) => {
      seen.push(`${toHex(concatBytes(first, s))} ${parity}`);
      return null;
    });
    return seen;
  };
  const form = (r: bigint, s: bigint, parity: 0 | 1) => [`${toHex(concatBytes(bytes(r), bytes(s)))} ${parity}`];

  it("holds the parity in the top bit of s, and leaves s without it", () => {
    expect(asked(5n, 7n)).toEqual(form(5n, 7n, 0));
    expect(asked(5n, 7n | (1n << 255n))).toEqual(form(5n, 7n, 1));
  });

  it.each([
    ["an r of zero", 0n, 7n],
    ["an r of the order", GROUP_ORDER, 7n],
    ["an s of zero", 5n, 0n],
    ["an s of zero with a parity", 5n, 1n << 255n],
    ["an s one above the half of the order", 5n, half + 1n],
  ])("is refused with %s before a key is looked for", (_what, r, vs) => {
    expect(asked(r, vs)).toEqual([]);
  });

  it("takes the largest r and the largest low s", () => {
    expect(asked(GROUP_ORDER - 1n, half)).toEqual(form(GROUP_ORDER - 1n, half, 0));
  });

  it("gives no signer for an r that no point has", () => {
    // x = 5 is on no point of the curve.
    expect(recoverSigner(bytes(1n), { r: bytes(5n), s: bytes(7n), parity: 0 })).toBeNull();
  });

  it("leaves the bytes that it was given as they are", () => {
    const vs = bytes(7n | (1n << 255n));
    signerOf(bytes(1n), { r: bytes(5n), vs }, () => null);
    expect(toHex(vs)).toBe(toHex(bytes(7n | (1n << 255n))));
  });
});
