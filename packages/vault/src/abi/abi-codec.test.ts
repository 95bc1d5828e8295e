import { describe, expect, it } from "@jest/globals";
import { AbiCoder, id } from "ethers";
import { fromHex, toHex } from "@tallystick/protocol";
import { type AbiParameter, type AbiValue, decodeAbi, encodeAbi, signatureHash, wordValue } from "./abi-codec.ts";

const coder = AbiCoder.defaultAbiCoder();
const of = (...types: string[]): AbiParameter[] => types.map((type, index) => ({ name: `p${index}`, type }));
const address = new Uint8Array(20).fill(0xa1);
const word = new Uint8Array(32).fill(0xb2);
const fault = (field: string, expected: string, actual: string) => ({
  code: "OUT_OF_RANGE",
  context: { field, expected, actual },
});

/** What something is refused with, or null. */
function faultOf(work: () => unknown): unknown {
  try {
    work();
    return null;
  } catch (error) {
    const { code, context } = error as { code: string; context: unknown };
    return { code, context };
  }
}

describe("values in the ABI's form", () => {
  const cases: readonly (readonly [AbiParameter[], AbiValue[]])[] = [
    [of("uint256", "uint48", "uint8"), [(1n << 256n) - 1n, (1n << 48n) - 1n, 255n]],
    [of("uint32", "address", "bytes32"), [0n, address, word]],
    [of("bytes", "uint256", "bytes"), [new Uint8Array(33).fill(3), 7n, new Uint8Array(0)]],
    [of("bytes", "bytes"), [new Uint8Array(32).fill(4), new Uint8Array(31).fill(5)]],
  ];

  it.each(cases)("are those of ethers: %j", (parameters, values) => {
    const types = parameters.map(({ type }) => type);
    const given = values.map((value) => (value instanceof Uint8Array ? toHex(value) : value));
    const made = encodeAbi(parameters, values);
    expect(toHex(made)).toBe(coder.encode(types, given));
    expect(Object.values(decodeAbi(parameters, made))).toEqual(values);
  });

  it("are those of ethers for a tuple, static or not", () => {
    const components = of("uint256", "bytes");
    const parameters = [{ name: "t", type: "tuple", components }, ...of("uint256")];
    const bytes = new Uint8Array(3).fill(9);
    const dynamic = coder.encode(["tuple(uint256,bytes)", "uint256"], [[5n, toHex(bytes)], 6n]);
    expect(toHex(encodeAbi(parameters, [[5n, bytes], 6n]))).toBe(dynamic);
    const fixed = [{ name: "t", type: "tuple", components: of("uint256", "uint8") }, ...of("bytes")];
    const still = coder.encode(["tuple(uint256,uint8)", "bytes"], [[5n, 6n], toHex(bytes)]);
    expect(toHex(encodeAbi(fixed, [[5n, 6n], bytes]))).toBe(still);
    const named = { name: "f", inputs: parameters };
    expect(toHex(signatureHash(named))).toBe(id("f((uint256,bytes),uint256)"));
  });

  it.each([
    ["too few values", of("uint8"), [], fault("values", "1", "0")],
    ["a number above its type", of("uint48"), [1n << 48n], fault("p0", "uint48", String(1n << 48n))],
    ["a number below zero", of("uint48"), [-1n], fault("p0", "uint48", "-1")],
    ["bytes for a number", of("uint48"), [word], fault("p0", "uint48", "object")],
    ["a number of an unknown type", of("uint48[]"), [1n], fault("p0", "uint48[]", "bigint")],
    ["a number for bytes", of("bytes"), [1n], fault("p0", "bytes", "bigint")],
    ["an address of 19 bytes", of("address"), [address.slice(1)], fault("p0", "20 bytes", "19 bytes")],
    ["a number for a word", of("bytes32"), [1n], fault("p0", "32 bytes", "bigint")],
    ["a number for a tuple", of("tuple"), [1n], fault("p0", "a list of values", "bigint")],
  ] as const)("are refused for %s", (_what, parameters, values, expected) => {
    expect(faultOf(() => encodeAbi(parameters, values as readonly AbiValue[]))).toEqual(expected);
  });
});

describe("data that is read", () => {
  const data = encodeAbi(of("bytes"), [new Uint8Array(40).fill(1)]);
  const number = (value: bigint) => fromHex(`0x${value.toString(16).padStart(64, "0")}`);

  it("ends early", () => {
    expect(faultOf(() => decodeAbi(of("uint8"), word.slice(1)))).toEqual(
      fault("ABI data", "32 bytes or more", "31 bytes"),
    );
    const cut = data.slice(0, 32 + 32 + 39);
    expect(faultOf(() => decodeAbi(of("bytes"), cut))).toEqual(fault("ABI data", "104 bytes or more", "103 bytes"));
    expect(decodeAbi(of("bytes"), data.slice(0, 104))).toEqual({ p0: new Uint8Array(40).fill(1) });
  });

  it("points past its end", () => {
    const past = number(33n);
    expect(faultOf(() => decodeAbi(of("bytes"), past))).toEqual(fault("offset", "at most 32", "33"));
    expect(faultOf(() => decodeAbi(of("bytes"), number(32n)))).toEqual(
      fault("ABI data", "64 bytes or more", "32 bytes"),
    );
    const huge = number((1n << 256n) - 1n);
    expect(faultOf(() => decodeAbi(of("bytes"), huge))).toMatchObject({ code: "OUT_OF_RANGE" });
  });

  it("is a word by its type", () => {
    expect(wordValue("address", Uint8Array.of(...new Uint8Array(12), ...address))).toEqual(address);
    expect(wordValue("bytes32", word)).toEqual(word);
    expect(wordValue("uint256", number(5n))).toBe(5n);
  });
});
