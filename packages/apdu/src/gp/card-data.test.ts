import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex } from "../iso7816/bytes.ts";
import { parseChipName, parseFreeMemory } from "./card-data.ts";
import { ISSUER_SECURITY_DOMAIN_AID, nameInFileControlInformation } from "./select.ts";

describe("what names a card or its domain", () => {
  const cplc = (serial: string) => `4790 5168 4791 2081 3B00 0012 ${serial} ${"00".repeat(24)}`;
  it("is the chip's own part of its CPLC, tagged or bare", () => {
    const bare = bytesFromHex(cplc("00112233 4455"));
    expect(bytesToHex(parseChipName(bare) ?? new Uint8Array())).toBe("479051680012001122334455");
    expect(parseChipName(Uint8Array.of(0x9f, 0x7f, 42, ...bare))).toEqual(parseChipName(bare));
  });
  it.each([
    ["a serial number of zeros", cplc("00000000 0000")],
    ["a serial number of ones", cplc("FFFFFFFF FFFF")],
    ["another length", cplc("00112233 4455").slice(2)],
    ["another tag", `9F7E2A${cplc("00112233 4455")}`],
    ["nothing", ""],
  ])("is none with %s", (_name, hex) => {
    expect(parseChipName(bytesFromHex(hex))).toBeNull();
  });
  it("is the AID of the file control information, whatever else stands there", () => {
    const name = (hex: string) => nameInFileControlInformation(bytesFromHex(hex));
    expect(name("6F108408A000000151000000A5049F6501FF")).toEqual(ISSUER_SECURITY_DOMAIN_AID);
    expect(name("6F138408A000000151000000A504DF2101FFC90101")).toEqual(ISSUER_SECURITY_DOMAIN_AID);
    expect(name("C902AABB 6F108408A000000151000000A5049F6501FF")).toEqual(ISSUER_SECURITY_DOMAIN_AID);
    for (const none of ["", "6F00", "6F04A5029F65", "00FF", "A5049F6501FF"]) expect(name(none)).toBeNull();
  });
});

describe("free memory", () => {
  it.each([
    ["FF210C 8101 05 8202 7D00 8303 000400", 32_000],
    ["FF2106 8204 00012345", 74_565],
    ["FF2103 810105", null],
    ["FF2107 8205 0000012345", null],
    ["E003 820100", null],
    ["FF2104 820100", null],
    ["FF2104 82050000", null],
    ["", null],
  ])("by %s is %p", (hex, expected) => {
    expect(parseFreeMemory(bytesFromHex(hex))).toBe(expected);
  });
});
