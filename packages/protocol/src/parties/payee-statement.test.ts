import { describe, expect, it } from "@jest/globals";
import * as protocol from "../index.ts";
import { domain } from "../testing/fixture.ts";

/** The example of web3.js' documentation of `accounts.sign`, which other wallets give too. */
const known = {
  text: "Some data",
  signer: "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23",
  signature:
    "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c",
};

const bytes = protocol.fromHex(known.signature);
const signerOf = (text: string, signature: Uint8Array): string | null => {
  const signer = protocol.statementSigner(text, signature);
  return signer === null ? null : protocol.toHex(signer);
};
const withByte = (at: number, value: number): Uint8Array => Uint8Array.from(bytes).fill(value, at, at + 1);

/** n − s with the other parity: the same signature in the form that anybody can make of it. */
function highForm(): Uint8Array {
  const s = BigInt(protocol.toHex(bytes.subarray(32, 64)));
  const high = protocol.fromHex(`0x${(protocol.GROUP_ORDER - s).toString(16).padStart(64, "0")}`);
  return Uint8Array.from([...bytes.subarray(0, 32), ...high, 27]);
}

describe("a payee's statement", () => {
  it("is signed as wallets sign texts (EIP-191), with v of 28 or 1", () => {
    expect(signerOf(known.text, bytes)).toBe(known.signer);
    expect(signerOf(known.text, withByte(64, 1))).toBe(known.signer);
  });

  it("is signed by somebody else, or by nobody, where anything of it is another", () => {
    expect(signerOf("Some date", bytes)).not.toBe(known.signer);
    expect(signerOf(known.text, withByte(64, 27))).not.toBe(known.signer);
    for (const v of [2, 26, 29, 255]) expect(signerOf(known.text, withByte(64, v))).toBeNull();
    expect(signerOf(known.text, highForm())).toBeNull();
    expect(signerOf(known.text, bytes.subarray(0, 64))).toBeNull();
    expect(signerOf(known.text, Uint8Array.from([...bytes, 0]))).toBeNull();
    expect(signerOf(known.text, new Uint8Array(65))).toBeNull();
  });

  it("names its kind, its object, its chain and its vault (spec §6.2, §6.12)", () => {
    const id = new Uint8Array(32).fill(0xab);
    const place = `on chain ${domain.chainId}, vault ${protocol.toHex(domain.vault)}.`;
    const name = `0x${"ab".repeat(32)}`;
    expect(protocol.confirmationText(domain, id)).toBe(`Tallystick: I confirm the reversal ${name} ${place}`);
    expect(protocol.disowningText(domain, id)).toBe(`Tallystick: I disown the voucher ${name} ${place}`);
  });
});
