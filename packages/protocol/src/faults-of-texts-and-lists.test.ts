import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import * as protocol from "./index.ts";
import { MAX_HEX_TEXT_LENGTH } from "./bytes/limits.ts";
import { counting, domain, makeCard, testSigner } from "./testing/fixture.ts";

// What is wrong with texts, packed lists and PIN commands, by code and context.

function faultOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    if (protocol.isProtocolError(error)) return { code: error.code, context: error.context };
    throw error;
  }
}

describe("what is wrong with a hexadecimal text", () => {
  it.each<[unknown, string]>([
    [7, "a number came instead of text"],
    [undefined, "a undefined came instead of text"],
    ["ab", "it does not begin with 0x"],
    ["0xabc", "half a byte is missing"],
    ["0xag", "a character is no hexadecimal digit"],
  ])("is named: %p", (text, fault) => {
    expect(faultOf(() => protocol.fromHex(text))).toEqual({ code: "BAD_HEX", context: { fault } });
  });

  it("is its length, one byte above the most or another than was asked for", () => {
    const longest = `0x${"00".repeat(MAX_HEX_TEXT_LENGTH / 2 - 1)}`;
    expect(protocol.fromHex(longest)).toHaveLength(MAX_HEX_TEXT_LENGTH / 2 - 1);
    expect(faultOf(() => protocol.fromHex(`${longest}00`))).toEqual({
      code: "BAD_HEX",
      context: { fault: `${MAX_HEX_TEXT_LENGTH + 2} characters are too many` },
    });
    expect(faultOf(() => protocol.fromHex("0x0102", 3))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "hexadecimal text", expected: "3", actual: 2 },
    });
  });
});

describe("what is wrong with a packed status list (spec §3.5)", () => {
  const unpack = (bytes: Uint8Array, cards: number) => faultOf(() => protocol.unpackStatusList(bytes, cards));
  const packed = (length: number) => protocol.packStatusList(new Uint8Array(length));

  it("is one byte more than its cards need, or many more", () => {
    expect(unpack(packed(2), 8)).toEqual(new Uint8Array(2));
    const context = { object: "StatusList", expected: 2, actual: 3 };
    expect(unpack(packed(3), 8)).toEqual({ code: "SURPLUS_BYTES", context });
    const fault = "it is longer than its cards";
    expect(unpack(packed(1_000), 8)).toEqual({ code: "BAD_DEFLATE", context: { fault } });
  });

  it("is its stream, with the library's message, or what follows it", () => {
    expect(unpack(Uint8Array.of(0xff, 0xff), 8)).toEqual({ code: "BAD_DEFLATE", context: { fault: "Z_DATA_ERROR" } });
    expect(unpack(packed(2).slice(0, 1), 8)).toEqual({ code: "BAD_DEFLATE", context: { fault: "Z_BUF_ERROR" } });
    const fault = "bytes follow the end of the stream";
    expect(unpack(Uint8Array.of(...packed(2), 0), 8)).toEqual({ code: "BAD_DEFLATE", context: { fault } });
  });

  it("is packed as small as deflate can", () => {
    const list = Uint8Array.from({ length: 4_096 }, (_unused, index) => (index * index) >> 5);
    expect(protocol.packStatusList(list)).toEqual(Uint8Array.from(deflateRawSync(list, { level: 9 })));
  });
});

describe("what is wrong with a delta (spec §3.5)", () => {
  const older = { list: Uint8Array.of(0, 0), cards: 8 };
  const apply = (difference: Uint8Array, cards: number, listHash = protocol.statusListHash(difference)) =>
    faultOf(() =>
      protocol.applyStatusListDelta(older, { packed: protocol.packStatusList(difference), cards, listHash }),
    );

  it("is its length", () => {
    expect(apply(new Uint8Array(1), 8)).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "StatusListDelta", expected: "2", actual: 1 },
    });
    expect(apply(new Uint8Array(3), 8)).toEqual({
      code: "SURPLUS_BYTES",
      context: { object: "StatusListDelta", expected: 2, actual: 3 },
    });
  });

  it("is that it takes cards away", () => {
    const context = { object: "StatusListDelta", field: "cards", expected: "at least 8", actual: "7" };
    expect(apply(new Uint8Array(2), 7)).toEqual({ code: "OUT_OF_RANGE", context });
  });

  it("is the hash of what comes of it", () => {
    const context = { object: "StatusList" };
    expect(apply(Uint8Array.of(1, 0), 8)).toEqual(Uint8Array.of(1, 0));
    expect(apply(Uint8Array.of(1, 0), 8, new Uint8Array(32))).toEqual({ code: "HASH_MISMATCH", context });
  });

  it("is a bit behind the last card, though the hash is right", () => {
    const context = { object: "StatusList" };
    expect(apply(Uint8Array.of(0, 0, 4), 9)).toEqual({ code: "NONZERO_PADDING", context });
  });
});

describe("what is wrong with a PIN command (spec §4.9)", () => {
  const secret = new Uint8Array(32).fill(9);
  const ephemeralKey = protocol.uncompressKey(protocol.createSigner(secret).publicKey);
  const session = { domain, challenge: counting(0x31, 16), ephemeralKey };
  const opened = protocol.openPinSession(session, new Uint8Array(32).fill(7));
  const pin = Uint8Array.of(1, 2, 3, 4);

  it("is the length of its request's hash or its own", () => {
    expect(faultOf(() => protocol.sealVerifyPin(opened, pin, new Uint8Array(31)))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "VERIFY PIN request hash", expected: "32", actual: 31 },
    });
    expect(faultOf(() => protocol.terminalKeyOf(0x24, new Uint8Array(88)))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "PIN command", expected: "89", actual: 88 },
    });
  });

  it("is its MAC", () => {
    const sealed = protocol.sealChangePin(opened, pin, pin);
    const changed = sealed.map((byte, index) => (index === sealed.length - 1 ? byte ^ 1 : byte));
    expect(faultOf(() => protocol.openPinCommand(opened.keys, 0x24, changed))).toEqual({
      code: "BAD_SIGNATURE",
      context: { object: "PIN command" },
    });
  });

  it("is the terminal's key", () => {
    const agreement = { session, ownSecret: secret, peerKey: ephemeralKey, terminalKey: ephemeralKey.slice(1) };
    expect(faultOf(() => protocol.derivePinKeys(agreement))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "PinAgreement", expected: "65", actual: 64 },
    });
  });
});

describe("what is wrong elsewhere", () => {
  it("is a digest of another length", async () => {
    const signing = testSigner("card").sign(new Uint8Array(31));
    await expect(signing).rejects.toMatchObject({
      code: "WRONG_LENGTH",
      context: { object: "Signer", field: "digest", expected: "32", actual: 31 },
    });
  });

  it("is a beacon of another length", () => {
    expect(faultOf(() => protocol.decodeBeacon(new Uint8Array(protocol.BEACON_LENGTH - 1)))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "Beacon", expected: String(protocol.BEACON_LENGTH), actual: protocol.BEACON_LENGTH - 1 },
    });
  });

  it("is the head of SELECT's proprietary part", async () => {
    const { select } = await makeCard();
    const bytes = protocol.encodeSelectAnswer(select);
    bytes[15] = 0xdb;
    expect(faultOf(() => protocol.decodeSelectAnswer(bytes))).toEqual({
      code: "UNKNOWN_TAG",
      context: { object: "SelectAnswer", expected: "0x8581da", actual: "0x8581db" },
    });
  });
});
