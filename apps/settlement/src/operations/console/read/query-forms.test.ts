import { describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { queryOf } from "./query-forms.ts";

describe("what somebody types", () => {
  it("names a range of hashes and addresses by its first digits, with and without 0x, in any case", () => {
    for (const typed of ["0xAbc", " abc ", "ABC"]) {
      const { hash, address, terminalId } = queryOf(typed);
      expect(toHex(hash?.from ?? Buffer.alloc(0))).toBe(`0xabc${"0".repeat(61)}`);
      expect(toHex(hash?.to ?? Buffer.alloc(0))).toBe(`0xabc${"f".repeat(61)}`);
      expect([address?.from.length, terminalId?.to.length]).toEqual([20, 8]);
    }
  });

  it("names one thing alone when it is whole, and nothing shorter", () => {
    const whole = "ab".repeat(20);
    expect(queryOf(whole)).toMatchObject({ terminalId: null, uuid: null });
    expect(queryOf(whole).address).toEqual({ from: Buffer.from(whole, "hex"), to: Buffer.from(whole, "hex") });
    expect(queryOf("ab".repeat(33))).toMatchObject({ hash: null, address: null });
  });

  it("names by its first and last digits what was shortened, as the console and the demo show it", () => {
    for (const typed of ["0xF8f428…9D92", "f8f428...9d92", "0xf8f428..9d92"]) {
      const { hash, ending } = queryOf(typed);
      expect([toHex(hash?.from ?? Buffer.alloc(0)).slice(0, 10), ending]).toEqual(["0xf8f42800", "9d92"]);
    }
    expect([queryOf("0xf8f428").ending, queryOf("0xf8f428…").hash, queryOf("f8…9d92").hash]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it("is no prefix of bytes with too few digits, or with other signs", () => {
    for (const typed of ["", "0x", "ab", "0xzz", "café"])
      expect(queryOf(typed)).toMatchObject({ hash: null, uuid: null });
  });

  it("is nothing to look for where it has what no text of the database has", () => {
    for (const typed of ["\0", "a\0b", "kiosk\0", ` 1a2b\0`]) expect(queryOf(typed)).toEqual(queryOf(""));
  });

  it("names a UUID by its beginning", () => {
    expect(queryOf("8c0b3f4e-4f0a").uuid).toEqual({
      from: `8c0b3f4e4f0a${"0".repeat(20)}`,
      to: `8c0b3f4e4f0a${"f".repeat(20)}`,
    });
  });

  it("names an upload by its terminal and its number, and a request by digits in groups", () => {
    const [terminalId, seq] = [Buffer.alloc(8, 0x56), 12n];
    for (const typed of ["0x5656565656565656:12", "5656565656565656/12"])
      expect(queryOf(typed).upload).toEqual({ terminalId, seq });
    for (const typed of ["0x56565656565656:12", "0x5656565656565656:0", "0x5656565656565656:", "0x5656565656565656"])
      expect(queryOf(typed).upload).toBeNull();
    expect(toHex(queryOf("1a2b 3c4d 5e").hash?.from ?? Buffer.alloc(0)).slice(0, 12)).toBe("0x1a2b3c4d5e");
    expect(queryOf("1a2 3c4d").hash).toBeNull();
    expect([queryOf("hold:0x1").identifier, queryOf("ab").identifier, queryOf("a b c").identifier]).toEqual([
      ...["hold:0x1", null, null],
    ]);
    expect(queryOf("owed:0x5aAeB6").identifier).toBe("owed:0x5aaeb6");
  });

  it("numbers a case, and gives PostgreSQL words and patterns without operators of its own", () => {
    expect(queryOf("#7").number).toBe(7n);
    expect(queryOf("case 12").number).toBe(12n);
    expect(queryOf("7a").number).toBeNull();
    expect(queryOf("Café & !(Hull | :*").words).toBe("Café:* & Hull:*");
    expect(queryOf("&|!").words).toBeNull();
    expect(queryOf("100%_\\").prefix).toBe("100\\%\\_\\\\%");
  });

  it("keeps a bounded part of what is too long", () => {
    expect(queryOf("x".repeat(10_000)).text.length).toBe(128);
  });
});
