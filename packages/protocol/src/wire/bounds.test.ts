import { describe, expect, it } from "@jest/globals";
import type { z } from "zod";
import * as protocol from "../index.ts";
import * as wire from "./index.ts";
import { amountText, hexText, hexTextUpTo, lineText, u64Text, unsignedNumber } from "./values.ts";

// Where the values of the wire end, and what is wrong with one that does not fit.

const FORMAT = ["invalid_format"];
const TOO_LONG = "too_big";

/** The codes of the faults of a value; none where it fits. */
function faultsOf(schema: z.ZodType, value: unknown): readonly string[] {
  return schema.safeParse(value).error?.issues.map(({ code }) => code) ?? [];
}

describe("bytes as hexadecimal text", () => {
  it("have their only length, in lower case, with nothing around", () => {
    expect(faultsOf(hexText(3), "0x0a1b2c")).toEqual([]);
    for (const wrong of ["0x0a1b2", "0x0a1b2c0", "0a1b2c", " 0x0a1b2c", "0x0a1b2c\n", "0x0A1B2C", "0x0a1b2g", ""])
      expect(faultsOf(hexText(3), wrong)).toEqual(FORMAT);
  });

  it("up to a length are whole bytes, with nothing around", () => {
    const upTo = hexTextUpTo(3);
    for (const right of ["0x", "0x0a", "0x0a1b2c"]) expect(faultsOf(upTo, right)).toEqual([]);
    for (const wrong of ["0x0", "0x0A", "0a", "10x0a", "0x0a\n", ""]) expect(faultsOf(upTo, wrong)).toEqual(FORMAT);
    expect(faultsOf(upTo, "0x0a1b2c3d")).toEqual([TOO_LONG]);
  });
});

describe("numbers as text", () => {
  it("are amounts of at most 34 characters", () => {
    for (const right of ["0", "2.50", "0.000001", "9".repeat(34)]) expect(faultsOf(amountText, right)).toEqual([]);
    for (const wrong of ["", ".5", "5.", "01", "-1", "+1", "1e3", "1,5", "1.5\n", "x1.5"])
      expect(faultsOf(amountText, wrong)).toEqual(FORMAT);
    expect(faultsOf(amountText, "9".repeat(35))).toEqual([TOO_LONG]);
  });

  it("are whole ones of at most 20 digits", () => {
    for (const right of ["0", "7", "18446744073709551615"]) expect(faultsOf(u64Text, right)).toEqual([]);
    for (const wrong of ["", "01", "-1", "1.0", "1 ", "x1", "1x"]) expect(faultsOf(u64Text, wrong)).toEqual(FORMAT);
    expect(faultsOf(u64Text, "1".repeat(21))).toEqual([TOO_LONG]);
  });

  it("are plain numbers from 0 to their bound", () => {
    for (const right of [0, 63]) expect(faultsOf(unsignedNumber(63), right)).toEqual([]);
    for (const wrong of [-1, 64, 0.5, "1", Number.NaN]) expect(faultsOf(unsignedNumber(63), wrong)).toHaveLength(1);
  });
});

describe("a line of text", () => {
  it.each([
    ["letters of any script, right to left too", "مقهى Ada, קפה"],
    ["the joiners that Persian and Hindi need", "می\u200cخواهم क्\u200dष"],
    ["pictures of several parts", "Kiosk \u2764\ufe0f \u{1f469}\u200d\u{1f373} \u2764\ufe0f\u200d\u{1f525}"],
    ["the forms of Han characters in Japanese names", "\u845b\u{e0100}飾区 \u{20b9f}\u{e01ef}"],
    ["words of Malayalam that end with a joiner", "അവന്\u200d കട\u0d7b\u0d4d\u200d"],
    ["words of Kurdish and Persian that end with one", "به\u200c, كتێبه\u064e\u200c"],
    ["the forms of Mongolian letters", "\u182c\u180b\u180e\u1820 \u1830\u180f\u1820\u180c"],
    ["pictures of keys", "Kiosk 7\ufe0f\u20e3 #\ufe0f\u20e3"],
    ["accents that stand by themselves", "Cafe\u0301"],
  ])("has %s", (_what, text) => {
    expect(faultsOf(lineText(80), text)).toEqual([]);
  });

  it.each([0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x200e, 0x200f, 0x61c])(
    "has no control of the writing direction: %i",
    (point) => {
      expect(faultsOf(lineText(80), `Kiosk ${String.fromCodePoint(point)}moc`)).toEqual(["custom"]);
      expect(faultsOf(wire.reasonText, `Why ${String.fromCodePoint(point)}moc`)).toEqual(["custom"]);
    },
  );

  it.each([
    ...[0xad, 0x34f, 0x115f, 0x3164, 0xffa0, 0x180e, 0x200b, 0x2060, 0xfeff, 0x2028, 0x2029, 0x2800, 0xfff9],
    // Tags, and joiners where nothing is to be joined.
    ...[0xe0041, 0x200c, 0x200d, 0xfe0f],
  ])("has nothing that is not seen: %i", (point) => {
    expect(faultsOf(lineText(80), `Kios${String.fromCodePoint(point)}k`)).toEqual(["custom"]);
    expect(wire.invisibleCharacter(`Kios${String.fromCodePoint(point)}k`)).toBe(
      `U+${point.toString(16).toUpperCase().padStart(4, "0")}`,
    );
  });

  it("joins letters by one joiner", () => {
    for (const wrong of ["می\u200c\u200cخ", "می\u200c\u200d", "\u200cمی", "می \u200cx", "می\u200cKiosk"])
      expect(faultsOf(lineText(80), wrong)).not.toEqual([]);
  });

  it.each([
    ["a selector of Han behind a letter", "Kiosk\u{e0100}"],
    ["two of them", "\u845b\u{e0100}\u{e0101}"],
    ["one behind another script", "می\u{e0100}"],
    ["a selector of Mongolian behind a letter", "Kiosk\u180b"],
    ["two of them", "\u182c\u180b\u180c"],
    ["a key's selector without the key", "Kiosk 7\ufe0f"],
    ["two selectors of a picture", "Kiosk \u2764\ufe0f\ufe0f"],
    ["a joiner behind a picture", "Kiosk \u{1f469}\u200d"],
    ["a joiner behind an accent of a Latin letter", "Cafe\u0301\u200d"],
    ["a joiner at the end of a word in Cyrillic", "Киоск\u200d"],
    ["halves that a joiner keeps apart", "Kiosk \ud83d\u200d\udc69"],
    ["a direction behind a joiner", "می\u200c\u202e"],
    ["half of a pair", "Kiosk \ud83d"],
    ["the other half", "\udc69 Kiosk"],
  ])("has not %s", (_what, text) => {
    expect(faultsOf(lineText(80), text)).toEqual(["custom"]);
    expect(faultsOf(wire.reasonText, text)).toEqual(["custom"]);
  });

  it("has no control character, as a reference has none", () => {
    const { reference } = wire.cardRegistrationSchema.shape;
    for (const point of [0x00, 0x01, 0x09, 0x0a, 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9f, 0xd800, 0xdfff]) {
      const text = `A${String.fromCharCode(point)}7`;
      expect([point, faultsOf(lineText(80), text).length > 0]).toEqual([point, true]);
      expect([point, faultsOf(reference, text)]).toEqual([point, ["custom"]]);
      expect(wire.invisibleCharacter(text)).toBe(`U+${point.toString(16).toUpperCase().padStart(4, "0")}`);
    }
    for (const right of ["A 7", "\u{1f469}\u200d\u{1f373}", " ~\u00a0"]) expect(faultsOf(reference, right)).toEqual([]);
  });
});

describe("names of a state", () => {
  it.each(["registered", "opening", "open"])("are those of a card: %s", (state) => {
    const card = { card: `0x${"ab".repeat(20)}`, cardIndex: 0, state };
    expect(faultsOf(wire.cardRegistrationResponseSchema, card)).toEqual([]);
  });

  it.each(["new", "duplicate", "forked", "refused"])("are those of a voucher: %s", (status) => {
    const results = [{ voucherId: `0x${"ab".repeat(32)}`, status, code: "WHY" }];
    expect(faultsOf(wire.uploadResponseSchema, { results })).toEqual([]);
  });
});

describe("a packed status list", () => {
  const head = `0x${"ab".repeat(protocol.STATUS_LIST_HEAD_LENGTH)}`;
  const signature = `0x${"ab".repeat(64)}`;
  const listed = (list: string) => faultsOf(wire.statusListResponseSchema, { head, signature, list });
  // The largest list has 2^24 bytes; deflate adds at most 65,536; base64 writes 4 characters for
  // each 3 begun.
  const LONGEST = 22_457_004;

  it("is as long as the largest list that cannot be packed, and no longer", () => {
    expect(protocol.MAX_STATUS_LIST_CARDS / 4).toBe(2 ** 24);
    expect(listed("A".repeat(LONGEST))).toEqual([]);
    expect(listed("A".repeat(LONGEST + 1))).toEqual([TOO_LONG]);
  });

  it.each(["AA==", "AAA=", "+/09azAZ", ""])("is base64: %s", (list) => {
    expect(listed(list)).toEqual([]);
  });

  it.each(["AA===", "A=A", "A A", "A-_A", "=AAA\n"])("is nothing else: %j", (list) => {
    expect(listed(list)).toEqual(FORMAT);
  });
});
