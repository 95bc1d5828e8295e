import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { bytesFromHex, bytesToHex } from "./bytes.ts";
import { encodeTlv, parseSingleTlv, parseTlv, requireTlv, type Tlv, type TlvInput } from "./tlv.ts";

describe("BER-TLV", () => {
  it("is parsed with children and long tags", () => {
    const [object] = parseTlv(bytesFromHex("E3104F07A0000000030000 9F700101 C50180"));
    expect(object?.tag).toBe(0xe3);
    expect(object?.children?.map(({ tag, value }) => [tag, bytesToHex(value)])).toEqual([
      [0x4f, "A0000000030000"],
      [0x9f70, "01"],
      [0xc5, "80"],
    ]);
  });

  it.each([
    ["a value of 127 bytes", 127, "7F"],
    ["a value of 128 bytes", 128, "8180"],
    ["a value of 255 bytes", 255, "81FF"],
    ["a value of 256 bytes", 256, "820100"],
    ["a value of 65535 bytes", 65_535, "82FFFF"],
  ])("takes the shortest length for %s", (_name, length, encoded) => {
    const bytes = encodeTlv([0x84, new Uint8Array(length)]);
    expect(bytesToHex(bytes.slice(0, 1 + encoded.length / 2))).toBe(`84${encoded}`);
    expect(parseSingleTlv(bytes).value).toHaveLength(length);
  });

  it.each([
    ["tag 00", "0000", "WRONG_VALUE"],
    ["tag FF", "FF00", "WRONG_VALUE"],
    ["a missing length", "84", "TRUNCATED"],
    ["a long tag that ends", "9F", "TRUNCATED"],
    ["a long tag without end", "9F818181 00", "TOO_LONG"],
    ["a long tag that fits the short form", "9F1E00", "NOT_MINIMAL"],
    ["a long tag with leading zero", "9F801F00", "NOT_MINIMAL"],
    ["an indefinite length", "3080 0000", "WRONG_VALUE"],
    ["a length of three bytes", "84 83000001 00", "TOO_LONG"],
    ["a length that ends", "8482 01", "TRUNCATED"],
    ["a length of 127 in long form", `84817F${"00".repeat(127)}`, "NOT_MINIMAL"],
    ["a length of 255 in two bytes", `848200FF${"00".repeat(255)}`, "NOT_MINIMAL"],
    ["a value that ends", "840300", "TRUNCATED"],
    ["padding after an object", "840100 00", "WRONG_VALUE"],
    ["a child that ends", "3003840300", "TRUNCATED"],
  ])("with %s is refused", (_name, hex, code) => {
    expect(() => parseTlv(bytesFromHex(hex))).toThrow(expect.objectContaining({ code }));
  });

  it("nested deeper than the limit is refused", () => {
    let bytes: Uint8Array = new Uint8Array(0);
    for (let depth = 0; depth < 15; depth++) bytes = encodeTlv([0x30, bytes]);
    expect(parseTlv(bytes)).toHaveLength(1);
    expect(() => parseTlv(encodeTlv([0x30, bytes]))).toThrow(expect.objectContaining({ code: "TOO_DEEP" }));
  });

  it("single means exactly one", () => {
    expect(() => parseSingleTlv(new Uint8Array(0))).toThrow(expect.objectContaining({ code: "TRUNCATED" }));
    expect(() => parseSingleTlv(bytesFromHex("84008400"))).toThrow(expect.objectContaining({ code: "SURPLUS_BYTES" }));
  });

  it("a required object is there once", () => {
    const objects = parseTlv(bytesFromHex("840101 850102 850103"));
    expect(requireTlv(objects, 0x84).value).toEqual(Uint8Array.of(1));
    expect(() => requireTlv(objects, 0x85)).toThrow(expect.objectContaining({ code: "WRONG_VALUE" }));
    expect(() => requireTlv(null, 0x84)).toThrow(expect.objectContaining({ code: "WRONG_VALUE" }));
  });

  it.each([
    ["children under a primitive tag", [0x84, [[0x4f, new Uint8Array(0)]]], "WRONG_VALUE"],
    ["a number that is no tag", [0x9f1e, new Uint8Array(0)], "NOT_MINIMAL"],
    ["a tag of two short ones", [0x8484, new Uint8Array(0)], "WRONG_VALUE"],
    ["tag 0", [0, new Uint8Array(0)], "OUT_OF_RANGE"],
    ["a value of 65536 bytes", [0x84, new Uint8Array(65_536)], "OUT_OF_RANGE"],
  ] as readonly (readonly [string, TlvInput, string])[])("does not encode %s", (_name, object, code) => {
    expect(() => encodeTlv(object)).toThrow(expect.objectContaining({ code }));
  });

  it("has one encoding: whatever parses encodes to the same bytes", () => {
    const again = ({ tag, value, children }: Tlv): TlvInput => [tag, children === null ? value : children.map(again)];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        let objects: readonly Tlv[];
        try {
          objects = parseTlv(bytes);
        } catch {
          return;
        }
        expect(bytesToHex(encodeTlv(...objects.map(again)))).toBe(bytesToHex(bytes));
      }),
      { seed: 8825, numRuns: 3_000 },
    );
  });
});
