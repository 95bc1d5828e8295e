import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex } from "./bytes.ts";
import { encodeResponse, parseResponse } from "./response-apdu.ts";
import { describeStatusWord, formatStatusWord, isWarning, triesLeftOf } from "./status-word.ts";

describe("a response", () => {
  it.each([
    ["9000", "", 0x9000],
    ["AABB6310", "AABB", 0x6310],
  ])("%s is split and joined", (hex, data, sw) => {
    expect(parseResponse(bytesFromHex(hex))).toEqual({ data: bytesFromHex(data), sw });
    expect(bytesToHex(encodeResponse({ data: bytesFromHex(data), sw }))).toBe(hex);
  });
  it.each(["", "90"])("of '%s' is torn, never an empty success", (hex) => {
    expect(() => parseResponse(bytesFromHex(hex))).toThrow(expect.objectContaining({ code: "TORN" }));
  });
  it("longer than any is refused", () => {
    expect(parseResponse(new Uint8Array(65_538)).data).toHaveLength(65_536);
    expect(() => parseResponse(new Uint8Array(65_539))).toThrow(expect.objectContaining({ code: "TOO_LONG" }));
  });
});

describe("a status word", () => {
  it("of every value has one sentence, and only known ones say what happened", () => {
    const all = Array.from({ length: 0x10000 }, (_value, sw) => describeStatusWord(sw));
    expect(all.filter((sentence) => !/^[A-Z].*\.$/.test(sentence))).toEqual([]);
    expect(describeStatusWord(0x6a82)).toContain("does not exist");
    expect(describeStatusWord(0x63c2)).toContain("2 tries");
    expect(describeStatusWord(0x9e01)).toContain("9E01");
    expect(describeStatusWord(0x6299)).toContain("warning");
  });
  it("63Cx states the tries left, other status words do not", () => {
    expect([0x63c0, 0x63cf, 0x6300, 0x6983].map(triesLeftOf)).toEqual([0, 15, null, null]);
  });
  it("is written with four digits", () => {
    expect([0x9000, 0x0042].map(formatStatusWord)).toEqual(["9000", "0042"]);
  });
  it("62xx and 63xx are warnings", () => {
    expect([0x6200, 0x63ff, 0x6400, 0x61ff, 0x9000].map(isWarning)).toEqual([true, true, false, false, false]);
  });
});
