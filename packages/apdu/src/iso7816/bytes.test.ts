import { describe, expect, it } from "@jest/globals";
import {
  asBuffer,
  byteAt,
  bytesFromHex,
  bytesFromNumber,
  bytesOf,
  bytesToHex,
  concatBytes,
  equalBytes,
} from "./bytes.ts";

describe("bytes", () => {
  it("are joined in order, also when there are none", () => {
    expect(concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
    expect(concatBytes()).toEqual(new Uint8Array(0));
  });

  it.each([
    ["", "", true],
    ["00FF", "00FF", true],
    ["00FF", "00FE", false],
    ["80FF", "00FF", false],
    ["00FF", "00", false],
    ["00", "0000", false],
  ])("%p and %p are equal: %p", (left, right, equal) => {
    expect(equalBytes(bytesFromHex(left), bytesFromHex(right))).toBe(equal);
  });

  it("are read by an index that must lie inside", () => {
    expect(byteAt(Uint8Array.of(7, 8), 1)).toBe(8);
    for (const index of [2, -1]) expect(() => byteAt(Uint8Array.of(7, 8), index)).toThrow(RangeError);
  });

  it("share memory with the Buffer they come from or go to, and are plain", () => {
    const buffer = Buffer.from([1, 2, 3, 4]).subarray(1, 3);
    const plain = bytesOf(buffer);
    expect(Object.getPrototypeOf(plain)).toBe(Uint8Array.prototype);
    expect(plain).toEqual(Uint8Array.of(2, 3));
    buffer[0] = 9;
    expect(plain).toEqual(Uint8Array.of(9, 3));
    const back = asBuffer(plain.subarray(1));
    expect(Buffer.isBuffer(back)).toBe(true);
    expect([...back]).toEqual([3]);
    plain[1] = 5;
    expect([...back]).toEqual([5]);
  });
});

describe("hexadecimal", () => {
  it("is upper case with two digits a byte, and read in either case with blanks between bytes", () => {
    expect(bytesToHex(Uint8Array.of(0, 10, 255))).toBe("000AFF");
    expect(bytesFromHex(" 00 0a\n FF ")).toEqual(Uint8Array.of(0, 10, 255));
    expect(bytesFromHex("")).toEqual(new Uint8Array(0));
  });

  it.each(["0", "000", "0g", "g0", "0x00", "-1", "00-1"])("refuses %p", (text) => {
    expect(() => bytesFromHex(text)).toThrow(SyntaxError);
  });
});

describe("a number", () => {
  it.each([
    [0, 1, "00"],
    [255, 1, "FF"],
    [256, 2, "0100"],
    [0x123456, 3, "123456"],
    [1, 16, `${"00".repeat(15)}01`],
    [Number.MAX_SAFE_INTEGER, 7, "1FFFFFFFFFFFFF"],
  ])("%i in %i bytes is %s", (value, length, hex) => {
    expect(bytesToHex(bytesFromNumber(value, length))).toBe(hex);
  });

  it.each([
    [256, 1],
    [65_536, 2],
    [-1, 2],
    [0.5, 2],
    [Number.MAX_SAFE_INTEGER + 1, 8],
    [Number.NaN, 2],
  ])("%d does not fit %i bytes", (value, length) => {
    expect(() => bytesFromNumber(value, length)).toThrow(RangeError);
  });
});
