import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex, concatBytes } from "../iso7816/bytes.ts";
import { encodeCommand, parseCommand, type CommandApdu } from "../iso7816/command-apdu.ts";
import { OpensslScp02, OpensslScp03, opensslCmac } from "../testing/openssl-cards.ts";
import { refusal } from "../testing/refusal.ts";
import { Scp02Codec } from "./scp02-codec.ts";
import { Scp03Codec } from "./scp03-codec.ts";

const keyOf = (length: number, first: number) => Uint8Array.from({ length }, (_value, index) => (first + index) & 0xff);
const keysOf = (length: number) => ({ enc: keyOf(length, 0x10), mac: keyOf(length, 0x80), rmac: keyOf(length, 0xc1) });
const bytes = (length: number) => Uint8Array.from({ length }, (_value, index) => (index * 7 + 0x80) & 0xff);
const HEADER = { cla: 0x80, ins: 0xe2, p1: 0x88, p2: 0x01 };

/** Every form of a command, with data on both sides of a block and of a short command. */
const COMMANDS: readonly CommandApdu[] = [
  HEADER,
  { ...HEADER, le: 256 },
  { ...HEADER, cla: 0x00, data: bytes(1) },
  { ...HEADER, data: bytes(15), le: 1 },
  { ...HEADER, cla: 0x90, data: bytes(16) },
  { ...HEADER, data: bytes(17), le: 256 },
  { ...HEADER, data: bytes(239) },
];
/** And what SCP03 carries besides. */
const LONG_COMMANDS: readonly CommandApdu[] = [
  { ...HEADER, data: bytes(247) },
  { ...HEADER, data: bytes(248), le: 256 },
  { ...HEADER, data: bytes(300) },
  { ...HEADER, data: bytes(3), le: 257 },
  { ...HEADER, le: 65_536 },
  { ...HEADER, data: bytes(2), extended: true },
  { ...HEADER, data: bytes(2), le: 5, extended: true },
];
const ANSWERS = [new Uint8Array(0), bytes(1), bytes(15), bytes(16), bytes(40)];
const WORDS = [
  [0x90, 0x00],
  [0x62, 0x83],
  [0x63, 0x10],
] as const;

describe("SCP03 as an independent card takes and gives it", () => {
  const cases = [0x01, 0x03, 0x11, 0x13, 0x33].flatMap((level) =>
    [16, 24, 32].flatMap((keyBytes) => ([8, 16] as const).map((macBytes) => ({ level, keyBytes, macBytes }))),
  );

  it.each(cases)("level $level, keys of $keyBytes bytes, MACs of $macBytes", ({ level, keyBytes, macBytes }) => {
    const codec = new Scp03Codec(keysOf(keyBytes), macBytes);
    codec.raiseLevel(level);
    const card = new OpensslScp03(keysOf(keyBytes), macBytes, level);
    for (const [index, command] of [...COMMANDS, ...LONG_COMMANDS].entries()) {
      const secured = codec.wrap(encodeCommand(command));
      const found = card.unwrap(secured);
      expect([...found.header]).toEqual([command.cla | 0x04, command.ins, command.p1, command.p2]);
      expect(bytesToHex(found.data)).toBe(bytesToHex(command.data ?? new Uint8Array(0)));
      const { le, extended = false, data } = parseCommand(secured);
      expect(le).toBe(command.le);
      expect(extended).toBe(command.extended === true || (data?.length ?? 0) > 255 || (command.le ?? 0) > 256);
      const answer = ANSWERS[index % ANSWERS.length] ?? new Uint8Array(0);
      const sw = WORDS[index % WORDS.length] ?? [0x90, 0x00];
      expect(bytesToHex(codec.unwrap(card.wrap(answer, sw)))).toBe(
        bytesToHex(concatBytes(answer, Uint8Array.from(sw))),
      );
    }
  });

  it("with a card that counts commands with data only, enciphers behind one without data as it does", () => {
    const codec = new Scp03Codec(keysOf(16), 8, true);
    codec.raiseLevel(0x13);
    const card = new OpensslScp03(keysOf(16), 8, 0x13, { skipsEmpty: true });
    for (const command of [HEADER, { ...HEADER, data: bytes(20) }, HEADER, { ...HEADER, data: bytes(3) }]) {
      const found = card.unwrap(codec.wrap(encodeCommand(command)));
      expect(bytesToHex(found.data)).toBe(bytesToHex("data" in command ? command.data : new Uint8Array(0)));
      codec.unwrap(card.wrap(new Uint8Array(0), [0x90, 0x00]));
    }
  });

  it("uses a CMAC that is RFC 4493's", () => {
    const key = bytesFromHex("2B7E151628AED2A6ABF7158809CF4F3C");
    expect(bytesToHex(opensslCmac(key, new Uint8Array(0)))).toBe("BB1D6929E95937287FA37D129B756746");
    expect(bytesToHex(opensslCmac(key, bytesFromHex("6BC1BEE22E409F96E93D7E117393172A")))).toBe(
      "070A16B46B4D4144F79BDD9DD04A287C",
    );
  });

  const open = (level: number, macBytes: 8 | 16 = 8) => {
    const keys = keysOf(16);
    const codec = new Scp03Codec(keys, macBytes);
    codec.raiseLevel(level);
    return { codec, keys, card: new OpensslScp03(keysOf(16), macBytes, level) };
  };

  it.each([0x81, 0x82, 0x83, 0x84, 0x88, 0x8c, 0xc0, 0x01, 0x40])("secures no command of class %i", (cla) => {
    expect(() => open(0x01).codec.wrap(encodeCommand({ ...HEADER, cla }))).toThrow(refusal("UNSUPPORTED", { cla }));
  });

  it("secures no more than fits an extended command", () => {
    const longest = { ...HEADER, data: bytes(65_535 - 8) };
    expect(parseCommand(open(0x01).codec.wrap(encodeCommand(longest))).data).toHaveLength(65_535);
    expect(() => open(0x01).codec.wrap(encodeCommand({ ...HEADER, data: bytes(65_535 - 7) }))).toThrow(
      refusal("TOO_LONG", { length: 65_536 }),
    );
  });

  it.each([
    ["no MAC", "9000", { sw: 0x9000, length: 0 }],
    ["half a MAC", "AABBCCDDEEFF119000", { sw: 0x9000, length: 7 }],
    ["a wrong MAC", "AABBCCDDEEFF11229000", { sw: 0x9000 }],
    ["a warning without a MAC", "6283", { sw: 0x6283, length: 0 }],
    ["a refusal with data", "AA6A80", { sw: 0x6a80 }],
  ])("takes no answer with %s", (_name, answer, context) => {
    const { codec } = open(0x11);
    codec.wrap(encodeCommand(HEADER));
    expect(() => codec.unwrap(bytesFromHex(answer))).toThrow(refusal("RESPONSE_MAC", context));
  });

  it("takes a bare refusal, and any answer where no MAC was agreed on", () => {
    const { codec } = open(0x11);
    codec.wrap(encodeCommand(HEADER));
    expect(bytesToHex(codec.unwrap(bytesFromHex("6A80")))).toBe("6A80");
    const plain = open(0x03).codec;
    plain.wrap(encodeCommand(HEADER));
    expect(bytesToHex(plain.unwrap(bytesFromHex("AABB9000")))).toBe("AABB9000");
    expect(bytesToHex(plain.unwrap(bytesFromHex("AABB6A80")))).toBe("AABB6A80");
  });

  it("takes no enciphered answer that is not whole blocks, or has no padding, though its MAC is right", () => {
    const half = open(0x33);
    half.card.unwrap(half.codec.wrap(encodeCommand(HEADER)));
    // A card of level 13 puts the MAC of this session over data that it has not enciphered.
    const careless = new OpensslScp03(keysOf(16), 8, 0x13);
    const again = open(0x33);
    careless.unwrap(again.codec.wrap(encodeCommand(HEADER)));
    expect(() => again.codec.unwrap(careless.wrap(bytes(15), [0x90, 0x00]))).toThrow(
      refusal("RESPONSE_PADDING", { length: 15 }),
    );
    const blocks = open(0x33);
    const unpadded = new OpensslScp03(keysOf(16), 8, 0x13);
    unpadded.unwrap(blocks.codec.wrap(encodeCommand(HEADER)));
    expect(() => blocks.codec.unwrap(unpadded.wrap(bytes(16), [0x90, 0x00]))).toThrow(refusal("RESPONSE_PADDING"));
  });

  it("overwrites its keys at the end", () => {
    const { codec, keys } = open(0x33);
    codec.destroy();
    expect([keys.enc, keys.mac, keys.rmac]).toEqual(Array(3).fill(new Uint8Array(16)));
  });
});

describe("SCP02 as an independent card takes and gives it", () => {
  const LAST_MAC = bytesFromHex("FB3A120021F7363C");
  const open = (level: number) => {
    const keys = keysOf(16);
    const codec = new Scp02Codec(keys, LAST_MAC);
    codec.raiseLevel(level);
    return { codec, keys, card: new OpensslScp02(keysOf(16), LAST_MAC, level) };
  };

  it.each([0x01, 0x03, 0x11, 0x13])("level %i", (level) => {
    const { codec, card } = open(level);
    for (const [index, command] of COMMANDS.entries()) {
      const secured = codec.wrap(encodeCommand(command));
      const found = card.unwrap(secured);
      expect([...found.header]).toEqual([command.cla | 0x04, command.ins, command.p1, command.p2]);
      expect(bytesToHex(found.data)).toBe(bytesToHex(command.data ?? new Uint8Array(0)));
      expect(parseCommand(secured).le).toBe(command.le);
      const answer = ANSWERS[index % ANSWERS.length] ?? new Uint8Array(0);
      const sw = WORDS[index % WORDS.length] ?? [0x90, 0x00];
      expect(bytesToHex(codec.unwrap(card.wrap(answer, sw)))).toBe(
        bytesToHex(concatBytes(answer, Uint8Array.from(sw))),
      );
    }
  });

  it("starts its chain of response MACs with the MAC of EXTERNAL AUTHENTICATE, which starts from zeros", () => {
    const codec = new Scp02Codec(keysOf(16));
    const authenticate = codec.wrap(encodeCommand({ ...HEADER, data: bytes(8) }));
    const mac = authenticate.slice(-8);
    codec.raiseLevel(0x11);
    const card = new OpensslScp02(keysOf(16), mac, 0x11);
    card.unwrap(codec.wrap(encodeCommand(HEADER)));
    expect(bytesToHex(codec.unwrap(card.wrap(bytes(3), [0x90, 0x00])))).toBe(`${bytesToHex(bytes(3))}9000`);
  });

  it.each([0x81, 0x84, 0x88, 0xc0, 0x41])("secures no command of class %i", (cla) => {
    expect(() => open(0x01).codec.wrap(encodeCommand({ ...HEADER, cla }))).toThrow(refusal("UNSUPPORTED", { cla }));
  });

  it.each([
    ["240 bytes", { ...HEADER, data: bytes(240) }, 240],
    ["extended lengths", { ...HEADER, data: bytes(2), extended: true }, 2],
  ])("carries no command with %s", (_name, command, length) => {
    expect(() => open(0x01).codec.wrap(encodeCommand(command))).toThrow(refusal("TOO_LONG", { length }));
  });

  it.each([
    ["no MAC", "9000", { sw: 0x9000, length: 0 }],
    ["half a MAC", "AABBCCDDEEFF119000", { sw: 0x9000, length: 7 }],
    ["a wrong MAC", "AABBCCDDEEFF11229000", { sw: 0x9000 }],
    ["a warning without a MAC", "6283", { sw: 0x6283, length: 0 }],
    ["a refusal with data", "AA6A80", { sw: 0x6a80 }],
  ])("takes no answer with %s", (_name, answer, context) => {
    const { codec } = open(0x11);
    codec.wrap(encodeCommand(HEADER));
    expect(() => codec.unwrap(bytesFromHex(answer))).toThrow(refusal("RESPONSE_MAC", context));
  });

  it("takes a bare refusal", () => {
    const { codec } = open(0x11);
    codec.wrap(encodeCommand(HEADER));
    expect(bytesToHex(codec.unwrap(bytesFromHex("6A80")))).toBe("6A80");
  });

  it("overwrites its keys at the end", () => {
    const { codec, keys } = open(0x13);
    codec.destroy();
    expect([keys.enc, keys.mac, keys.rmac]).toEqual(Array(3).fill(new Uint8Array(16)));
  });
});
