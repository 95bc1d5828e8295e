import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex, concatBytes } from "../iso7816/bytes.ts";
import type { CardChannel } from "../iso7816/card-channel.ts";
import { pad80 } from "../crypto/aes.ts";
import { tripleDesCbcEncrypt } from "../crypto/des.ts";
import { OpensslScp02 } from "../testing/openssl-cards.ts";
import { refusal } from "../testing/refusal.ts";
import { createScriptedCard } from "../testing/scripted-card.ts";
import { desKeySet } from "./diversify-des.ts";
import { kdf3 } from "./diversify-kdf3.ts";
import { counterModeKdf, scp03Kdf } from "./kdf.ts";
import { createKeySet } from "./key-set.ts";
import { deriveScp02Keys, openScp02, type OpenScp02Options } from "./open-scp02.ts";
import { openScp03, type OpenScp03Options } from "./open-scp03.ts";
import { createSecureSession } from "./secure-session-state.ts";

const KEY = bytesFromHex("404142434445464748494A4B4C4D4E4F");
const keys = () => createKeySet({ version: 0x30, enc: KEY, mac: KEY, dek: KEY });
const CHALLENGE = bytesFromHex("0102030405060708");
const CARD_CHALLENGE = bytesFromHex("A1A2A3A4A5A6A7A8");

/**
 * A card that answers INITIALIZE UPDATE as given, EXTERNAL AUTHENTICATE with `authenticate`, and
 * counts what it got.
 */
function cardOf(initialize: string, authenticate = "9000", later: CardChannel = async () => bytesFromHex("9000")) {
  let commands = 0;
  const channel: CardChannel = async (command) => {
    commands += 1;
    if (commands === 1) return bytesFromHex(initialize);
    return commands === 2 ? bytesFromHex(authenticate) : later(command);
  };
  return { channel, commands: () => commands };
}

/** The answer of an honest SCP03 card with a random challenge. */
const scp03Answer = (options: number) => {
  const mac = scp03Kdf(KEY, { constant: 0x06, context: concatBytes(CHALLENGE, CARD_CHALLENGE), length: 16 });
  const cryptogram = scp03Kdf(mac, { constant: 0x00, context: concatBytes(CHALLENGE, CARD_CHALLENGE), length: 8 });
  const head = `${"00".repeat(10)}3003${options.toString(16).padStart(2, "0")}`;
  return `${head}${bytesToHex(CARD_CHALLENGE)}${bytesToHex(cryptogram)}9000`;
};
const scp02Answer = (counter = "0007") => {
  const sequence = bytesFromHex(counter);
  const enc = deriveScp02Keys(keys(), sequence).enc;
  const challenge = CARD_CHALLENGE.slice(0, 6);
  const cryptogram = tripleDesCbcEncrypt(enc, pad80(concatBytes(CHALLENGE, sequence, challenge), 8)).slice(-8);
  return `${"00".repeat(10)}3002${counter}${bytesToHex(challenge)}${bytesToHex(cryptogram)}9000`;
};
const open03 = (channel: CardChannel, changes: Partial<OpenScp03Options> = {}) =>
  openScp03(channel, { keys: keys(), hostChallenge: CHALLENGE, securityLevel: 0x13, ...changes });
const open02 = (channel: CardChannel, changes: Partial<OpenScp02Options> = {}) =>
  openScp02(channel, { oldStock: true, keys: keys(), hostChallenge: CHALLENGE, securityLevel: 0x03, ...changes });

describe("opening SCP03", () => {
  it.each([
    [0x60, 0x33, true],
    [0x60, 0x13, true],
    [0x20, 0x13, true],
    [0x20, 0x33, false],
    [0x40, 0x33, false],
    [0x00, 0x11, false],
    [0x00, 0x03, true],
    [0x00, 0x01, true],
  ])("with a card of options %i at level %i works: %p", async (options, securityLevel, works) => {
    const card = cardOf(scp03Answer(options));
    const opening = open03(card.channel, { securityLevel });
    if (works) {
      expect(await opening).toMatchObject({ protocol: "SCP03", securityLevel, keyVersion: 0x30, isOpen: true });
    } else {
      await expect(opening).rejects.toEqual(refusal("UNSUPPORTED", { options }));
      expect(card.commands()).toBe(1);
    }
  });

  it.each([
    ["a level that is none", cardOf(""), { securityLevel: 0x23 }, refusal("UNSUPPORTED", { level: 0x23 }), 0],
    [
      "a refusal",
      cardOf("6A88"),
      {},
      refusal("STATUS", { command: "INITIALIZE UPDATE", sw: 0x6a88, triesLeft: null }),
      1,
    ],
    [
      "a card of old stock",
      cardOf(scp02Answer()),
      {},
      refusal("UNSUPPORTED", { protocol: "SCP02", keyVersion: 0x30 }),
      1,
    ],
    [
      "a card in S16 mode",
      cardOf(`${"00".repeat(10)}300361${"00".repeat(32)}9000`),
      {},
      refusal("UNSUPPORTED", { card: 16, host: 8 }),
      1,
    ],
    [
      "keys that do not explain the cryptogram",
      cardOf(`${"00".repeat(10)}300360${"00".repeat(16)}9000`),
      {},
      refusal("WRONG_KEYS", { keyVersion: 0x30, triesLeft: null }),
      1,
    ],
    ["wrong keys", cardOf(scp03Answer(0x60), "6300"), {}, refusal("WRONG_KEYS", { sw: 0x6300, triesLeft: null }), 2],
    [
      "wrong keys, with tries",
      cardOf(scp03Answer(0x60), "63C2"),
      {},
      refusal("WRONG_KEYS", { sw: 0x63c2, triesLeft: 2 }),
      2,
    ],
    [
      "a blocked card",
      cardOf(scp03Answer(0x60), "6983"),
      {},
      refusal("STATUS", { command: "EXTERNAL AUTHENTICATE", sw: 0x6983, triesLeft: null }),
      2,
    ],
  ] as const)("%s is reported once, and nothing is tried again", async (_name, card, changes, error, commands) => {
    await expect(open03(card.channel, changes)).rejects.toEqual(error);
    expect(card.commands()).toBe(commands);
  });

  it("keeps a key of its own for sensitive data, so that the caller may destroy the set", async () => {
    const set = keys();
    const session = await open03(cardOf(scp03Answer(0x60)).channel, { keys: set });
    const before = session.encryptSensitive(new Uint8Array(16));
    set.destroy();
    expect(session.encryptSensitive(new Uint8Array(16))).toEqual(before);
    session.close();
    expect(set.dek).toEqual(new Uint8Array(16));
    const other = keys();
    const second = await open03(cardOf(scp03Answer(0x60)).channel, { keys: other });
    second.close();
    expect(other.dek).toEqual(KEY);
  });
});

describe("opening SCP02", () => {
  it.each([
    ["a level that is none", cardOf(""), { securityLevel: 0x33 }, refusal("UNSUPPORTED", { level: 0x33 }), 0],
    [
      "a refusal",
      cardOf("6A88"),
      {},
      refusal("STATUS", { command: "INITIALIZE UPDATE", sw: 0x6a88, triesLeft: null }),
      1,
    ],
    ["a card that speaks SCP03", cardOf(scp03Answer(0x60)), {}, refusal("UNSUPPORTED", { protocol: "SCP03" }), 1],
    [
      "a challenge of 16 bytes",
      cardOf(scp02Answer()),
      { hostChallenge: new Uint8Array(16) },
      refusal("UNSUPPORTED", { protocol: "SCP02" }),
      1,
    ],
    [
      "keys that do not explain the cryptogram",
      cardOf(`${"00".repeat(10)}3002${"00".repeat(16)}9000`),
      {},
      refusal("WRONG_KEYS", { keyVersion: 0x30, triesLeft: null }),
      1,
    ],
    [
      "wrong keys, with tries",
      cardOf(scp02Answer(), "63C1"),
      {},
      refusal("WRONG_KEYS", { sw: 0x63c1, triesLeft: 1 }),
      2,
    ],
    [
      "a blocked card",
      cardOf(scp02Answer(), "6983"),
      {},
      refusal("STATUS", { command: "EXTERNAL AUTHENTICATE", sw: 0x6983, triesLeft: null }),
      2,
    ],
  ] as const)("%s is reported once, and nothing is tried again", async (_name, card, changes, error, commands) => {
    await expect(open02(card.channel, changes)).rejects.toEqual(error);
    expect(card.commands()).toBe(commands);
  });

  it("finds its keys by the answer, and raises the level as an independent card does", async () => {
    const sequence = bytesFromHex("0007");
    const derived = deriveScp02Keys(keys(), sequence);
    let peer: OpensslScp02 | null = null;
    let authenticate: Uint8Array = new Uint8Array(0);
    const card = cardOf(scp02Answer(), "9000", async (command) => {
      peer ??= new OpensslScp02(derived, authenticate.slice(-8), 0x13);
      return peer.wrap(peer.unwrap(command).data, [0x90, 0x00]);
    });
    const asked: string[] = [];
    const session = await open02(
      async (command) => {
        if (command[1] === 0x82) authenticate = command.slice();
        return card.channel(command);
      },
      {
        securityLevel: 0x13,
        keys: async (answer) => {
          asked.push(bytesToHex(answer.sequenceCounter));
          return keys();
        },
      },
    );
    expect(asked).toEqual(["0007"]);
    for (let round = 0; round < 3; round++) {
      expect(bytesToHex(await session.transmit(bytesFromHex("80E2880003010203")))).toBe("0102039000");
      expect(session.isOpen).toBe(true);
    }
  });
});

describe("a session", () => {
  const parts = () => {
    const log: string[] = [];
    return {
      log,
      protocol: "SCP03" as const,
      securityLevel: 1,
      answer: {
        protocol: "SCP03" as const,
        options: 0,
        sequenceCounter: null,
        diversificationData: new Uint8Array(10),
        keyVersion: 7,
        cardChallenge: CARD_CHALLENGE,
        cardCryptogram: CHALLENGE,
      },
      codec: {
        wrap: (command: Uint8Array) => command,
        unwrap: (response: Uint8Array) => response,
        destroy: () => void log.push("destroyed"),
      },
      dek: KEY.slice(),
      encryptSensitive: (_dek: Uint8Array, data: Uint8Array) => data,
    };
  };

  it("overwrites what it knows when it is closed, and then says so", async () => {
    const given = parts();
    const session = createSecureSession(createScriptedCard([]).channel, given);
    session.close();
    expect(given.log).toEqual(["destroyed"]);
    expect(given.dek).toEqual(new Uint8Array(16));
    await expect(session.transmit(new Uint8Array(4))).rejects.toEqual(refusal("CHANNEL_CLOSED"));
  });

  it.each([
    ["9000", true],
    ["6283", true],
    ["63C1", true],
    ["6A80", false],
    ["6F00", false],
  ])("that ends with a refusal is open after %s: %p", async (answer, isOpen) => {
    const channel = async () => bytesFromHex(answer);
    const ending = createSecureSession(channel, { ...parts(), endsWithRefusal: true });
    await ending.transmit(new Uint8Array(4));
    expect(ending.isOpen).toBe(isOpen);
    const staying = createSecureSession(channel, parts());
    await staying.transmit(new Uint8Array(4));
    expect(staying.isOpen).toBe(true);
  });
});

describe("keys", () => {
  const lengths = { field: "diversification data", expected: 10, actual: 9 };
  it.each([
    ["kdf3 of short data", () => kdf3(KEY, "enc", new Uint8Array(9)), refusal("WRONG_LENGTH", lengths)],
    [
      "kdf3 of a short key",
      () => kdf3(new Uint8Array(8), "enc", new Uint8Array(10)),
      refusal("WRONG_LENGTH", { actual: 8 }),
    ],
    [
      "emv of short data",
      () => desKeySet(KEY, { version: 1, diversificationData: new Uint8Array(9), rule: "emv" }),
      refusal("WRONG_LENGTH", lengths),
    ],
    [
      "nothing derived",
      () => counterModeKdf(KEY, { before: KEY, after: KEY, length: 0 }),
      refusal("OUT_OF_RANGE", { field: "derived length", value: 0, min: 1, max: 64 }),
    ],
    [
      "too much derived",
      () => counterModeKdf(KEY, { before: KEY, after: KEY, length: 65 }),
      refusal("OUT_OF_RANGE", { field: "derived length", value: 65, min: 1, max: 64 }),
    ],
    [
      "a set of several lengths",
      () => createKeySet({ version: 1, enc: KEY, mac: new Uint8Array(24), dek: new Uint8Array(32) }),
      refusal("WRONG_LENGTH", { enc: 16, mac: 24, dek: 32 }),
    ],
    [
      "a version",
      () => createKeySet({ version: 256, enc: KEY, mac: KEY, dek: KEY }),
      refusal("OUT_OF_RANGE", { field: "key version", value: 256, min: 0, max: 255 }),
    ],
  ] as readonly (readonly [string, () => unknown, Error])[])("%s is refused with the details", (_name, work, error) => {
    expect(work).toThrow(error);
  });
});
