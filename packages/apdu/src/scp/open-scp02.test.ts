import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex, concatBytes } from "../iso7816/bytes.ts";
import { encodeCommand } from "../iso7816/command-apdu.ts";
import { pad80 } from "../crypto/aes.ts";
import { tripleDesCbcEncrypt } from "../crypto/des.ts";
import { putKeyCommand, verifyPutKeyAnswer } from "../gp/put-key.ts";
import { desKeySet } from "./diversify-des.ts";
import { kdf3KeySet } from "./diversify-kdf3.ts";
import { aesKeyCheckValue, createKeySet, desKeyCheckValue } from "./key-set.ts";
import { deriveScp02Keys, openScp02 } from "./open-scp02.ts";
import { Scp02Codec } from "./scp02-codec.ts";

const MASTER = bytesFromHex("404142434445464748494A4B4C4D4E4F");
const KEYS = createKeySet({ version: 1, enc: MASTER, mac: MASTER, dek: MASTER });
const CHALLENGE = bytesFromHex("0102030405060708");

const hex = (bytes: Uint8Array) => bytesToHex(bytes);
const codecOf = (counter: string, lastMac: string, level: number) => {
  const codec = new Scp02Codec(deriveScp02Keys(KEYS, bytesFromHex(counter)), bytesFromHex(lastMac));
  codec.raiseLevel(level);
  return codec;
};

describe("SCP02", () => {
  // nightcode/javacard, Scp02ApduChannelTest (Apache-2.0).
  it.each([
    ["MACs", 0x01, "0004", "FB3A120021F7363C", "80F28002024F00", "84F280020A4F00517FECC3E4B00186"],
    [
      "MACs and enciphers",
      0x03,
      "0005",
      "AD88229B0C0773C3",
      "80F28002024F00",
      "84F280021082E63A0FE0BFAD7CE78AA5C6E038A340",
    ],
    ["MACs no data", 0x01, "002B", "1FFFFA8673AC4B36", "80DD0000", "84DD0000088F37D75E12BA3CFB"],
    ["MACs with response MAC", 0x11, "0064", "D548435F7981B2B4", "80F28002024F00", "84F280020A4F00D3A881BA3923ADA0"],
    [
      "MACs and enciphers with response MAC",
      0x13,
      "006D",
      "94373CCB68A4C173",
      "80F240000B4F09F00000008800010101",
      "84F2400018FD4290F0AD4100E0A568E813960DF479AFA8F841D435A3E6",
    ],
  ])("%s to the published bytes", (_name, level, counter, lastMac, command, expected) => {
    expect(hex(codecOf(counter, lastMac, level).wrap(bytesFromHex(command)))).toBe(expected);
  });

  it.each([
    [
      "0064",
      "D548435F7981B2B4",
      0x11,
      "80F28002024F00",
      "E3134F08A0000001510000009F700107C5039EFE804490ADB965570A769000",
    ],
    ["006D", "94373CCB68A4C173", 0x13, "80F240000B4F09F00000008800010101", "0799BA9C8ECCDE3B8E9000"],
  ])(
    "checks published response MACs of session %s, and refuses them changed",
    (counter, lastMac, level, command, response) => {
      const codec = codecOf(counter, lastMac, level);
      codec.wrap(bytesFromHex(command));
      expect(hex(codec.unwrap(bytesFromHex(response)))).toBe(`${response.slice(0, -20)}9000`);
      const spoilt = codecOf(counter, lastMac, level);
      spoilt.wrap(bytesFromHex(command));
      expect(() => spoilt.unwrap(bytesFromHex(`FF${response.slice(2)}`))).toThrow(
        expect.objectContaining({ code: "RESPONSE_MAC" }),
      );
      expect(() => spoilt.unwrap(bytesFromHex("9000"))).toThrow(expect.objectContaining({ code: "RESPONSE_MAC" }));
    },
  );

  // GlobalPlatformPro, TestPlaintextKeys: check values of session keys for counter 0000, and of a
  // key under that DEK.
  it("derives the session keys whose check values are published", () => {
    const keys = deriveScp02Keys(KEYS, bytesFromHex("0000"));
    expect([keys.enc, keys.mac, keys.dek, keys.rmac].map(desKeyCheckValue).map(hex)).toEqual([
      "F2DCDD",
      "5FCC69",
      "85272E",
      "9F749A",
    ]);
  });
});

/**
 * A card that speaks SCP02 honestly up to EXTERNAL AUTHENTICATE, and then answers what it is given.
 */
function oldCard(counter: string, later: readonly string[] = []) {
  const sent: string[] = [];
  const sequence = bytesFromHex(counter);
  const cardChallenge = bytesFromHex("A1A2A3A4A5A6");
  const enc = deriveScp02Keys(KEYS, sequence).enc;
  const cryptogram = tripleDesCbcEncrypt(enc, pad80(concatBytes(CHALLENGE, sequence, cardChallenge), 8)).slice(-8);
  const answers = [`${"00".repeat(10)}0102${counter}${hex(cardChallenge)}${hex(cryptogram)}9000`, "9000", ...later];
  return {
    sent,
    channel: async (command: Uint8Array) => {
      sent.push(hex(command));
      return bytesFromHex(answers[sent.length - 1] ?? "6F00");
    },
  };
}

const open = (card: ReturnType<typeof oldCard>, keys = KEYS) =>
  openScp02(card.channel, { oldStock: true, keys, hostChallenge: CHALLENGE, securityLevel: 0x03 });

describe("an SCP02 session", () => {
  it("opens with a card whose cryptogram our keys explain", async () => {
    const card = oldCard("0000", ["9000"]);
    const session = await open(card);
    expect(session).toMatchObject({ protocol: "SCP02", securityLevel: 0x03, keyVersion: 1, isOpen: true });
    expect(card.sent[1]).toMatch(/^8482030010[0-9A-F]{32}$/);
    expect(hex(session.encryptSensitive(MASTER))).toBe("EFBEE6C6D99D7B70BDE9D7E927F020AF");
    expect(hex(await session.transmit(bytesFromHex("80F28002024F00")))).toBe("9000");
  });

  it("sends nothing after a cryptogram that our keys do not explain", async () => {
    const card = oldCard("0000");
    const wrong = createKeySet({ version: 1, enc: new Uint8Array(16), mac: MASTER, dek: MASTER });
    await expect(open(card, wrong)).rejects.toMatchObject({ code: "WRONG_KEYS", context: { triesLeft: null } });
    expect(card.sent).toHaveLength(1);
  });

  it("gives whoever asks about padding one answer and no second", async () => {
    // Avoine and Ferreira, CHES 2018: changed ciphertexts of one secret, one guess after another,
    // until the card's different answers have given the secret away. Here the first refusal ends
    // the session, and the next secret is enciphered under other session keys, because the card's
    // counter has gone on.
    const card = oldCard("0000", ["6982"]);
    const session = await open(card);
    const secret = bytesFromHex("80E2880008 0011223344556677");
    expect(hex(await session.transmit(secret))).toBe("6982");
    expect(session.isOpen).toBe(false);
    for (let guess = 0; guess < 256; guess++) {
      await expect(session.transmit(secret)).rejects.toMatchObject({ code: "CHANNEL_CLOSED" });
    }
    expect(card.sent).toHaveLength(3);
    const next = oldCard("0001", ["6982"]);
    await (await open(next)).transmit(secret);
    expect(next.sent[2]).not.toBe(card.sent[2]);
  });

  it.each([0x00, 0x02, 0x33])("refuses level %i", async (securityLevel) => {
    const options = { oldStock: true, keys: KEYS, hostChallenge: CHALLENGE, securityLevel } as const;
    await expect(openScp02(oldCard("0000").channel, options)).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  it("refuses a card that speaks SCP03", async () => {
    const channel = async () => bytesFromHex(`${"00".repeat(10)}010360${"00".repeat(16)}9000`);
    const options = { oldStock: true, keys: KEYS, hostChallenge: CHALLENGE, securityLevel: 1 } as const;
    await expect(openScp02(channel, options)).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  it("refuses commands that are too long or secured already", async () => {
    const session = await open(oldCard("0000"));
    const long = encodeCommand({ cla: 0x80, ins: 0xe2, p1: 0, p2: 0, data: new Uint8Array(240) });
    await expect(session.transmit(long)).rejects.toMatchObject({ code: "TOO_LONG" });
    await expect((await open(oldCard("0000"))).transmit(bytesFromHex("84F20000"))).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
  });

  it("puts triple DES keys with their check values", async () => {
    const session = await open(oldCard("0000"));
    const keys = desKeySet(MASTER, { version: 2, diversificationData: new Uint8Array(10), rule: "emv" });
    const data = putKeyCommand(session, { keys }).data ?? new Uint8Array();
    expect(data).toHaveLength(1 + 3 * 22);
    expect(hex(data.slice(1, 3))).toBe("8010");
    expect(data.slice(20, 23)).toEqual(desKeyCheckValue(keys.enc));
    verifyPutKeyAnswer(
      concatBytes(Uint8Array.of(2), ...[keys.enc, keys.mac, keys.dek].map(desKeyCheckValue)),
      keys,
      "SCP02",
    );
    expect(verifyPutKeyAnswer(Uint8Array.of(2), keys, "SCP02")).toBe(false);
    expect(() => verifyPutKeyAnswer(Uint8Array.of(1), keys, "SCP02")).toThrow(
      expect.objectContaining({ code: "WRONG_CHECK_VALUE" }),
    );
  });
});

describe("diversification", () => {
  // GlobalPlatformPro, TestPlaintextKeys: check values for diversification data 00…09.
  const card = { version: 1, diversificationData: bytesFromHex("00010203040506070809") };
  it.each([
    ["emv", ["C33013", "6F4CA6", "BB8179"]],
    ["visa2", ["2BE598", "58DA38", "3C328E"]],
  ] as const)("by %s gives the published keys", (rule, checks) => {
    const keys = desKeySet(MASTER, { ...card, rule });
    expect([keys.enc, keys.mac, keys.dek].map(desKeyCheckValue).map(hex)).toEqual(checks);
  });
  it.each([
    ["404142434445464748494A4B4C4D4E4F", ["E79C05", "D1BD77", "3FDE8C"]],
    ["404142434445464748494A4B4C4D4E4F5051525354555657", ["1DE8EA", "47C00C", "C04D76"]],
    ["404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F", ["2972D2", "036F94", "5D57B8"]],
  ])("by kdf3 of %s gives the published keys", (master, checks) => {
    const keys = kdf3KeySet(bytesFromHex(master), card);
    expect([keys.enc, keys.mac, keys.dek].map(aesKeyCheckValue).map(hex)).toEqual(checks);
  });
});
