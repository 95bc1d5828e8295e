import { describe, expect, it } from "@jest/globals";
import { Interface, type InterfaceAbi } from "ethers";
import { readFileSync } from "node:fs";
import { createSigner, fromHex, toHex, uncompressKey } from "@tallystick/protocol";
import {
  decodeDelegateSlot,
  decodeReserve,
  decodeReturned,
  delegateCall,
  refundForCall,
  releaseForCall,
  reserveCall,
  returnedCall,
  setDelegateCall,
  setReserveCall,
  vaultAbi,
} from "../index.ts";
import { otherCoordinate } from "./delegate-calls.ts";

// The oracle is ethers, which shares no code with the package.
const vault = new Interface(vaultAbi as unknown as InterfaceAbi);
const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const payee = bytes(20, 0x5a);
const delegate = bytes(20, 0xde);
const r = bytes(32, 0x11);
const s = bytes(32, 0x22);
const marked = Uint8Array.from(s, (byte, index) => (index === 0 ? byte | 0x80 : byte));
const signature = Uint8Array.from([...r, ...s]);
const voucher = { message: bytes(82, 9), signature, parity: 1 as const };
const vectors = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../vectors/${name}.json`, import.meta.url), "utf8"));
const reversal = fromHex(vectors("reversal").valid[0].hex);
/** The last 32 bytes of the uncompressed card key. */
const y = `0x${vectors("card-address").valid[0].fields.uncompressed.slice(-64)}`;
const most = (1n << 48n) - 1n;

describe("calls of delegates", () => {
  it.each([
    [setDelegateCall({ delegate, unitsPerDay: most }), "setDelegate", [toHex(delegate), most]],
    [setReserveCall(7n), "setReserve", [7n]],
    [
      refundForCall({ voucher, total: most, deadline: 0xffff_ffff, order: { signature, parity: 0 } }),
      "refundFor",
      [toHex(voucher.message), toHex(r), toHex(marked), most, 0xffff_ffff, toHex(r), toHex(s)],
    ],
    [
      releaseForCall({ voucher, reversal: { object: reversal, signature, parity: 0 } }),
      "releaseFor",
      [toHex(voucher.message), toHex(r), toHex(marked), toHex(reversal), y, toHex(r), toHex(s)],
    ],
    [delegateCall({ payee, delegate }), "delegate", [toHex(payee), toHex(delegate)]],
    [reserveCall(payee), "reserve", [toHex(payee)]],
    [returnedCall(bytes(32, 3)), "returned", [toHex(bytes(32, 3))]],
  ] as const)("writes what ethers writes: %#", (call, name, values) => {
    expect(toHex(call)).toBe(vault.encodeFunctionData(name, values as readonly unknown[]));
  });

  it("reads what ethers wrote as answers", () => {
    const answer = (name: string, values: readonly unknown[]) => fromHex(vault.encodeFunctionResult(name, [...values]));
    expect(decodeDelegateSlot(answer("delegate", [500n, 20n, 20_718]))).toEqual({
      ...{ unitsPerDay: 500n, used: 20n, day: 20_718 },
    });
    expect(decodeReserve(answer("reserve", [300n]))).toBe(300n);
    expect(decodeReturned(answer("returned", [most]))).toBe(most);
  });

  it("refuses values that their types cannot hold, and a reversal without a card key", () => {
    const codeOf = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return (error as { code?: unknown }).code;
      }
    };
    const release = (object: Uint8Array) => releaseForCall({ voucher, reversal: { object, signature, parity: 0 } });
    const broken = reversal.slice();
    broken.fill(0xff, 33, 65);
    expect(codeOf(() => setReserveCall(-1n))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => setDelegateCall({ delegate: bytes(19, 1), unitsPerDay: 1n }))).toBe("OUT_OF_RANGE");
    const order = { signature, parity: 0 } as const;
    expect(codeOf(() => refundForCall({ voucher, total: most + 1n, deadline: 1, order }))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => refundForCall({ voucher, total: 1n, deadline: 2 ** 32, order }))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => release(reversal.slice(1)))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => release(broken))).toBe("BAD_PUBLIC_KEY");
  });
});

describe("the coordinate that a reversal leaves out", () => {
  const signer = createSigner(new Uint8Array(32).fill(7));
  const reversal = new Uint8Array(132);
  reversal.set(signer.publicKey, 32);

  it("is the last 32 bytes of the whole key", () => {
    expect(otherCoordinate(reversal)).toEqual(uncompressKey(signer.publicKey).slice(33));
  });

  it.each([131, 133])("is not looked for in %i bytes", (length) => {
    const context = { field: "reversal", expected: "132 bytes", actual: `${length} bytes` };
    expect(() => otherCoordinate(new Uint8Array(length))).toThrow(
      expect.objectContaining({ code: "OUT_OF_RANGE", context }),
    );
  });
});
