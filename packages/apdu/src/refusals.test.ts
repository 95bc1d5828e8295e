import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex } from "./iso7816/bytes.ts";
import { encodeCommand, isExtendedEncoding, parseCommand, responseRoom } from "./iso7816/command-apdu.ts";
import { aesCbcDecrypt, aesCbcEncrypt, aesCmac, aesEncryptBlock, pad80, unpad80 } from "./crypto/aes.ts";
import {
  desEncryptBlock,
  retailMac,
  tripleDesCbcEncrypt,
  tripleDesEcbEncrypt,
  tripleDesEncryptBlock,
} from "./crypto/des.ts";
import { withChaining } from "./decorators/with-chaining.ts";
import { withGetResponse } from "./decorators/with-get-response.ts";
import { withLengthRetry } from "./decorators/with-length-retry.ts";
import { parseResponse } from "./iso7816/response-apdu.ts";
import { refusal } from "./testing/refusal.ts";
import { createScriptedCard } from "./testing/scripted-card.ts";
import { encodeTlv, parseSingleTlv, parseTlv, requireTlv } from "./iso7816/tlv.ts";

const HEADER = { cla: 0x80, ins: 0x10, p1: 0, p2: 0 };
const hex = bytesFromHex;
type Refused = readonly (readonly [name: string, work: () => unknown, error: Error])[];

describe("commands and answers", () => {
  it.each([
    [
      "CLA FF",
      () => encodeCommand({ ...HEADER, cla: 0xff }),
      refusal("OUT_OF_RANGE", { field: "cla", value: 255, min: 0, max: 254 }),
    ],
    [
      "P2 of 256",
      () => encodeCommand({ ...HEADER, p2: 256 }),
      refusal("OUT_OF_RANGE", { field: "p2", value: 256, min: 0, max: 255 }),
    ],
    [
      "data of 65,536 bytes",
      () => encodeCommand({ ...HEADER, data: new Uint8Array(65_536) }),
      refusal("OUT_OF_RANGE", { field: "data length", value: 65_536, min: 0, max: 65_535 }),
    ],
    [
      "Le of 0",
      () => encodeCommand({ ...HEADER, le: 0 }),
      refusal("OUT_OF_RANGE", { field: "le", value: 0, min: 1, max: 65_536 }),
    ],
    ["three bytes of header", () => parseCommand(hex("801000")), refusal("TRUNCATED", { actual: 3 })],
    ["65,545 bytes of command", () => parseCommand(new Uint8Array(65_545)), refusal("TOO_LONG", { actual: 65_545 })],
    ["a reserved class", () => parseCommand(hex("FF100000")), refusal("WRONG_VALUE")],
    ["an extended length that ends", () => parseCommand(hex("801000000001")), refusal("TRUNCATED", { actual: 2 })],
    ["an extended Lc of zero", () => parseCommand(hex("8010000000000000")), refusal("WRONG_VALUE")],
    ["data that ends", () => parseCommand(hex("8010000005AABB")), refusal("TRUNCATED", { missing: 3 })],
    [
      "two bytes after short data",
      () => parseCommand(hex("8010000001AA0000")),
      refusal("SURPLUS_BYTES", { surplus: 2 }),
    ],
    ["one byte of an answer", () => parseResponse(hex("90")), refusal("TORN", { actual: 1 })],
    ["65,539 bytes of answer", () => parseResponse(new Uint8Array(65_539)), refusal("TOO_LONG", { actual: 65_539 })],
  ] as Refused)("with %s are refused with the details", (_name, work, error) => {
    expect(work).toThrow(error);
  });

  it("may be as long as they can be", () => {
    const longest = encodeCommand({ ...HEADER, data: new Uint8Array(65_535), le: 65_536 });
    expect(longest).toHaveLength(65_544);
    expect(parseCommand(longest)).toMatchObject({ le: 65_536, extended: true });
    expect(parseResponse(new Uint8Array(65_538)).data).toHaveLength(65_536);
  });

  it("are extended where a zero stands for Lc, and need more room then", () => {
    for (const short of ["80100000", "8010000000", "8010000001AA", "8010000001AA00", "80100000FF"]) {
      expect([isExtendedEncoding(hex(short)), responseRoom(hex(short))]).toEqual([false, 4_096]);
    }
    for (const extended of ["80100000000000", "80100000000001AA", "80100000000001AA0000"]) {
      expect([isExtendedEncoding(hex(extended)), responseRoom(hex(extended))]).toEqual([true, 65_538]);
    }
    expect(encodeCommand({ ...HEADER, extended: true })).toEqual(hex("80100000"));
    expect(encodeCommand({ ...HEADER, extended: true, le: 1 })).toEqual(hex("80100000000001"));
  });
});

describe("BER-TLV", () => {
  it.each([
    ["nothing", () => parseSingleTlv(new Uint8Array(0)), refusal("TRUNCATED")],
    ["two objects for one", () => parseSingleTlv(hex("84008400")), refusal("SURPLUS_BYTES")],
    ["no required object", () => requireTlv(null, 0x84), refusal("WRONG_VALUE", { tag: 0x84, found: 0 })],
    [
      "two required objects",
      () => requireTlv(parseTlv(hex("84008400")), 0x84),
      refusal("WRONG_VALUE", { tag: 0x84, found: 2 }),
    ],
    ["children of a primitive", () => encodeTlv([0x84, []]), refusal("WRONG_VALUE", { tag: 0x84 })],
    ["two tags in one", () => encodeTlv([0x8484, new Uint8Array(0)]), refusal("WRONG_VALUE", { tag: 0x8484 })],
    [
      "a tag of four bytes",
      () => encodeTlv([0x1000000, new Uint8Array(0)]),
      refusal("OUT_OF_RANGE", { field: "tag", value: 0x1000000, min: 1, max: 0xffffff }),
    ],
    [
      "a value too long for any APDU",
      () => encodeTlv([0x84, new Uint8Array(65_536)]),
      refusal("OUT_OF_RANGE", { field: "TLV length", value: 65_536, min: 0, max: 65_535 }),
    ],
    ["16 levels", () => parseTlv(nested(16)), refusal("TOO_DEEP", { depth: 16 })],
    ["a value that ends", () => parseTlv(hex("8405AABB")), refusal("TRUNCATED", { part: "value", missing: 3 })],
    ["padding", () => parseTlv(hex("84010000")), refusal("WRONG_VALUE", { offset: 3 })],
    ["a tag that ends", () => parseTlv(hex("84009F")), refusal("TRUNCATED", { part: "tag", missing: 1 })],
    ["a tag that is too long", () => parseTlv(hex("84009F818181")), refusal("TOO_LONG", { offset: 2 })],
    ["a tag in long form", () => parseTlv(hex("84009F1E00")), refusal("NOT_MINIMAL", { offset: 2 })],
    ["no length", () => parseTlv(hex("840085")), refusal("TRUNCATED", { part: "length", missing: 1 })],
    ["an indefinite length", () => parseTlv(hex("3080")), refusal("WRONG_VALUE", { offset: 1 })],
    ["a length of three bytes", () => parseTlv(hex("8483000001")), refusal("TOO_LONG", { offset: 1 })],
    ["a length without its bytes", () => parseTlv(hex("8482")), refusal("TRUNCATED", { part: "length", missing: 2 })],
    ["a length cut in two", () => parseTlv(hex("848201")), refusal("TRUNCATED", { part: "length", missing: 1 })],
    ["a length in long form", () => parseTlv(hex("84817F")), refusal("NOT_MINIMAL", { offset: 1, length: 127 })],
  ] as Refused)("with %s is refused with the details", (_name, work, error) => {
    expect(work).toThrow(error);
  });

  function nested(levels: number): Uint8Array {
    let bytes: Uint8Array = new Uint8Array(0);
    for (let level = 0; level < levels; level++) bytes = encodeTlv([0x30, bytes]);
    return bytes;
  }

  it("has tags of one, two and three bytes up to their last number", () => {
    for (const [tag, encoded] of [
      [0x1e, "1E00"],
      [0x9f1f, "9F1F00"],
      [0x9f7f, "9F7F00"],
      [0x9f8101, "9F810100"],
      [0x9fff7f, "9FFF7F00"],
      [0xdf8100, "DF810000"],
    ] as const) {
      expect(bytesToHex(encodeTlv([tag, new Uint8Array(0)]))).toBe(encoded);
      expect(parseSingleTlv(hex(encoded)).tag).toBe(tag);
    }
    expect(() => encodeTlv([0xff, new Uint8Array(0)])).toThrow(refusal("WRONG_VALUE", { offset: 0 }));
    expect(() => encodeTlv([0xffff, new Uint8Array(0)])).toThrow(refusal("WRONG_VALUE", { offset: 0 }));
  });

  it("ends exactly with a length of two bytes and its value", () => {
    expect(parseSingleTlv(concat("84820100", 256)).value).toHaveLength(256);
    expect(parseTlv(hex("8400"))).toEqual([{ tag: 0x84, value: new Uint8Array(0), children: null }]);
    expect(parseTlv(hex("3000"))).toEqual([{ tag: 0x30, value: new Uint8Array(0), children: [] }]);
  });

  const concat = (start: string, zeros: number) => hex(start + "00".repeat(zeros));
});

describe("keys and blocks", () => {
  const key17 = new Uint8Array(17);
  const block = new Uint8Array(16);
  it.each([
    ["CMAC", () => aesCmac(key17, block)],
    ["CBC", () => aesCbcEncrypt(key17, block, block)],
    ["CBC backwards", () => aesCbcDecrypt(key17, block, block)],
    ["one block", () => aesEncryptBlock(key17, block)],
  ])("AES by a key of 17 bytes is refused: %s", (_name, work) => {
    expect(work).toThrow(refusal("WRONG_LENGTH", { actual: 17 }));
  });

  const lengths = (field: string, expected: number, actual: number) =>
    refusal("WRONG_LENGTH", { field, expected, actual });
  it.each([
    ["a DES key", () => desEncryptBlock(new Uint8Array(7), new Uint8Array(8)), lengths("DES key", 8, 7)],
    ["a DES block", () => desEncryptBlock(new Uint8Array(8), new Uint8Array(9)), lengths("DES block", 8, 9)],
    ["a triple DES block", () => tripleDesEncryptBlock(block, new Uint8Array(7)), lengths("DES block", 8, 7)],
    ["a triple DES key", () => tripleDesCbcEncrypt(new Uint8Array(8), block), lengths("triple DES key", 16, 8)],
    ["a key for ECB", () => tripleDesEcbEncrypt(new Uint8Array(24), block), lengths("triple DES key", 16, 24)],
    ["a key for MACs", () => retailMac(new Uint8Array(8), new Uint8Array(8), block), lengths("triple DES key", 16, 8)],
  ] as Refused)("%s of a wrong length is refused", (_name, work, error) => {
    expect(work).toThrow(error);
  });

  it("ECB repeats a repeated block, CBC does not", () => {
    const twice = new Uint8Array(16).fill(0x41);
    const key = hex("404142434445464748494A4B4C4D4E4F");
    const [ecb, cbc] = [tripleDesEcbEncrypt(key, twice), tripleDesCbcEncrypt(key, twice)];
    expect(ecb.slice(0, 8)).toEqual(ecb.slice(8));
    expect(cbc.slice(0, 8)).toEqual(ecb.slice(0, 8));
    expect(cbc.slice(0, 8)).not.toEqual(cbc.slice(8));
  });

  it("padding is 80 and zeros, and nothing else is", () => {
    expect(unpad80(pad80(hex("AABB"), 8))).toEqual(hex("AABB"));
    expect(unpad80(hex("80"))).toEqual(new Uint8Array(0));
    expect(unpad80(hex("8000"))).toEqual(new Uint8Array(0));
    for (const wrong of ["", "00", "0000", "8001", "AA"]) {
      expect(() => unpad80(hex(wrong))).toThrow(refusal("RESPONSE_PADDING"));
    }
  });
});

describe("wrappers", () => {
  it("pass a torn answer on as torn", async () => {
    for (const wrap of [withGetResponse, withLengthRetry]) {
      await expect(wrap(async () => hex("61"))(hex("80100000"))).rejects.toEqual(refusal("TORN", { actual: 1 }));
    }
  });

  it("fetch no more than any answer holds, and say how much there was", async () => {
    const card = withGetResponse(async () => hex(`${"AA".repeat(300)}6100`));
    await expect(card(hex("80100000"))).rejects.toEqual(refusal("TOO_LONG", { rounds: 218, length: 65_700 }));
    const slow = withGetResponse(async () => hex("AA6101"));
    await expect(slow(hex("80100000"))).rejects.toEqual(refusal("TOO_LONG", { rounds: 256, length: 257 }));
  });

  it("chain the longest command there is, and cut Le to what a short one can ask", async () => {
    let links = 0;
    const last: Uint8Array[] = [];
    const channel = withChaining(async (command) => {
      links += 1;
      last[0] = command;
      return hex("9000");
    }, "always");
    await channel(encodeCommand({ ...HEADER, data: new Uint8Array(65_535), le: 65_536 }));
    expect(links).toBe(257);
    expect(bytesToHex(last[0]?.slice(0, 5) ?? new Uint8Array())).toBe("80100000FF");
    expect(last[0]).toHaveLength(5 + 255 + 1);
    expect(last[0]?.at(-1)).toBe(0);
  });

  it("chain no command that is short, whatever the card says to it", async () => {
    const card = createScriptedCard([
      ["8010000001AA", "6700"],
      ["8010000001AA", "9000"],
    ]);
    const channel = withChaining(card.channel);
    expect(bytesToHex(await channel(hex("8010000001AA")))).toBe("6700");
    expect(bytesToHex(await withChaining(card.channel, "always")(hex("8010000001AA")))).toBe("9000");
    card.assertFinished();
  });

  it("send an extended command without data as a short one", async () => {
    const card = createScriptedCard([["8010000000", "9000"]]);
    expect(bytesToHex(await withChaining(card.channel, "always")(hex("80100000000000")))).toBe("9000");
    card.assertFinished();
  });
});
