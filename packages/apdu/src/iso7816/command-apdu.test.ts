import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { bytesFromHex, bytesToHex } from "./bytes.ts";
import { encodeCommand, isExtended, parseCommand, type CommandApdu } from "./command-apdu.ts";

const header = { cla: 0x80, ins: 0x10, p1: 0x01, p2: 0x02 };
const fill = (length: number) => new Uint8Array(length).fill(0x5a);
const hexFill = (length: number) => "5A".repeat(length);

// ISO 7816-4 §5.1, table 1: the seven encodings.
const CASES: readonly (readonly [string, CommandApdu, string])[] = [
  ["case 1", header, "80100102"],
  ["case 2S, Le 1", { ...header, le: 1 }, "8010010201"],
  ["case 2S, Le 256", { ...header, le: 256 }, "8010010200"],
  ["case 3S, one byte", { ...header, data: fill(1) }, "80100102015A"],
  ["case 3S, 255 bytes", { ...header, data: fill(255) }, `80100102FF${hexFill(255)}`],
  ["case 4S", { ...header, data: fill(2), le: 16 }, "80100102025A5A10"],
  ["case 2E, Le 257", { ...header, le: 257, extended: true }, "80100102000101"],
  ["case 2E, Le 65536", { ...header, le: 65_536, extended: true }, "80100102000000"],
  ["case 2E, forced", { ...header, le: 16, extended: true }, "80100102000010"],
  ["case 3E, 256 bytes", { ...header, data: fill(256), extended: true }, `80100102000100${hexFill(256)}`],
  ["case 3E, forced", { ...header, data: fill(1), extended: true }, "801001020000015A"],
  ["case 4E", { ...header, data: fill(256), le: 65_536, extended: true }, `80100102000100${hexFill(256)}0000`],
  ["case 4E, long answer", { ...header, data: fill(1), le: 300, extended: true }, "801001020000015A012C"],
];

describe("a command", () => {
  it.each(CASES)("%s is encoded and parsed", (_name, command, hex) => {
    expect(bytesToHex(encodeCommand(command))).toBe(hex);
    expect(parseCommand(bytesFromHex(hex))).toEqual(command);
  });

  it("takes extended lengths where short ones do not suffice, and treats empty data as none", () => {
    expect(bytesToHex(encodeCommand({ ...header, data: fill(256) }))).toBe(`80100102000100${hexFill(256)}`);
    expect(bytesToHex(encodeCommand({ ...header, data: new Uint8Array(0), le: 257 }))).toBe("80100102000101");
    expect(isExtended({ ...header, data: fill(255), le: 256 })).toBe(false);
    expect(isExtended({ ...header, data: fill(256) })).toBe(true);
    expect(isExtended({ ...header, le: 257 })).toBe(true);
  });

  it.each([
    ["CLA FF", { ...header, cla: 0xff }],
    ["a negative INS", { ...header, ins: -1 }],
    ["a P1 of 256", { ...header, p1: 256 }],
    ["a P2 that is no integer", { ...header, p2: 1.5 }],
    ["an Le of 0", { ...header, le: 0 }],
    ["an Le of 65537", { ...header, le: 65_537 }],
    ["65536 bytes of data", { ...header, data: new Uint8Array(65_536) }],
  ])("with %s is refused", (_name, command) => {
    expect(() => encodeCommand(command)).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
  });

  it.each([
    ["no bytes", "", "TRUNCATED"],
    ["three bytes", "801001", "TRUNCATED"],
    ["CLA FF", "FF100102", "WRONG_VALUE"],
    ["data that is too short", "80100102035A5A", "TRUNCATED"],
    ["two bytes of Le after short data", "80100102015A0000", "SURPLUS_BYTES"],
    ["an extended length of two bytes", "801001020001", "TRUNCATED"],
    ["an extended Lc of zero", "8010010200000000", "WRONG_VALUE"],
    ["extended data that is too short", "801001020000025A", "TRUNCATED"],
    ["one byte of Le after extended data", "801001020000015A00", "SURPLUS_BYTES"],
    ["three bytes of Le after extended data", "801001020000015A000000", "SURPLUS_BYTES"],
  ])("of %s is refused", (_name, hex, code) => {
    expect(() => parseCommand(bytesFromHex(hex))).toThrow(expect.objectContaining({ code }));
  });

  it("longer than any is refused", () => {
    expect(() => parseCommand(new Uint8Array(65_545))).toThrow(expect.objectContaining({ code: "TOO_LONG" }));
  });

  it("survives encoding and parsing, and no bytes parse to a command that encodes otherwise", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let command: CommandApdu;
        try {
          command = parseCommand(bytes);
        } catch {
          return;
        }
        expect(bytesToHex(encodeCommand(command))).toBe(bytesToHex(bytes));
      }),
      { seed: 7816, numRuns: 2_000 },
    );
  });
});
