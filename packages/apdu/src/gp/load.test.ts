import { describe, expect, it } from "@jest/globals";
import { encodeCommand } from "../iso7816/command-apdu.ts";
import { bytesFromHex, bytesToHex, concatBytes } from "../iso7816/bytes.ts";
import { installForLoadCommand, loadCommands } from "./load.ts";

const packageAid = bytesFromHex("F054414C4C5900");
const securityDomainAid = bytesFromHex("A000000151000000");

describe("installForLoadCommand", () => {
  it("names package and security domain, and nothing else", () => {
    expect(bytesToHex(encodeCommand(installForLoadCommand({ packageAid, securityDomainAid })))).toBe(
      "80E60200" + "14" + "07F054414C4C5900" + "08A000000151000000" + "000000" + "00",
    );
  });

  it("refuses names that are none", () => {
    expect(() => installForLoadCommand({ packageAid: packageAid.slice(0, 4), securityDomainAid })).toThrow();
    expect(() => installForLoadCommand({ packageAid, securityDomainAid: new Uint8Array(17) })).toThrow();
  });
});

describe("loadCommands", () => {
  const headers = (bytes: number): string[] =>
    loadCommands(new Uint8Array(bytes)).map(({ ins, p1, p2, data }) =>
      [ins, p1, p2, data?.length ?? 0].map((value) => value.toString(16)).join(" "),
    );

  it("cuts tag, length and data block into numbered blocks, the last one marked", () => {
    // C4 and a length of one byte go before 221 bytes, of two bytes before 222 and more.
    expect(headers(1)).toEqual(["e8 80 0 3"]);
    expect(headers(220)).toEqual(["e8 80 0 df"]);
    expect(headers(221)).toEqual(["e8 0 0 df", "e8 80 1 1"]);
    expect(headers(500)).toEqual(["e8 0 0 df", "e8 0 1 df", "e8 80 2 3a"]);
  });

  it("keeps every byte in its place", () => {
    const dataBlock = Uint8Array.from({ length: 11_595 }, (_, index) => index % 251);
    const commands = loadCommands(dataBlock);
    const whole = concatBytes(...commands.map(({ data }) => data ?? new Uint8Array(0)));
    expect(bytesToHex(whole)).toBe(`C4822D4B${bytesToHex(dataBlock)}`);
    expect(commands).toHaveLength(53);
  });

  it("refuses what no card takes", () => {
    const codeOf = (bytes: number): unknown => {
      try {
        return loadCommands(new Uint8Array(bytes)).length;
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect([codeOf(0), codeOf(256 * 223 - 4), codeOf(256 * 223 - 3)]).toEqual(["OUT_OF_RANGE", 256, "TOO_LONG"]);
  });
});
