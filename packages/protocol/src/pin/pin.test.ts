import { describe, expect, it } from "@jest/globals";
import { cbc, cmac } from "@noble/ciphers/aes.js";
import fc from "fast-check";
import * as protocol from "../index.ts";
import { counting, domain, testSigner } from "../testing/fixture.ts";

const digits = (text: string) => Uint8Array.from(text, Number);
const secret = (fill: number) => new Uint8Array(32).fill(fill);
const cardEphemeral = protocol.uncompressKey(protocol.createSigner(secret(9)).publicKey);
const session: protocol.PinSession = { domain, challenge: counting(0x31, 16), ephemeralKey: cardEphemeral };
const requestHash = counting(0x55, 32);

function cardKeys(terminalKey: Uint8Array): protocol.PinKeys {
  return protocol.derivePinKeys({ session, terminalKey, ownSecret: secret(9), peerKey: terminalKey });
}

function codeOf(action: () => unknown): string | null {
  try {
    action();
    return null;
  } catch (error) {
    if (protocol.isProtocolError(error)) return error.code;
    throw error;
  }
}

describe("PIN blocks (spec §4.9)", () => {
  it("keep every PIN of 4 to 12 digits and take no other block", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 4, maxLength: 12 }), (list) => {
        expect(protocol.decodePinBlock(protocol.encodePinBlock(Uint8Array.from(list)))).toEqual(Uint8Array.from(list));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (block) => {
        const code = codeOf(() => expect(protocol.encodePinBlock(protocol.decodePinBlock(block))).toEqual(block));
        expect([null, "OUT_OF_RANGE"]).toContain(code);
      }),
    );
  });

  it.each([[[1, 2, 3]], [Array.from({ length: 13 }, () => 1)], [[1, 2, 3, 10]], [[]]])(
    "refuse the digits %p, and do not show them",
    (list) => {
      try {
        protocol.encodePinBlock(Uint8Array.from(list));
      } catch (error) {
        if (!protocol.isProtocolError(error, "OUT_OF_RANGE")) throw error;
        expect(error.message).not.toMatch(/10|123/);
        return;
      }
      throw new Error("nothing was thrown");
    },
  );

  it("take a PUK of 8 digits only", () => {
    expect(protocol.checkPuk(digits("12345678"))).toEqual(digits("12345678"));
    for (const wrong of ["1234567", "123456789"])
      expect(codeOf(() => protocol.checkPuk(digits(wrong)))).toBe("OUT_OF_RANGE");
  });
});

describe("a PIN session", () => {
  it("gives terminal and card the same keys, and never one key for both uses", () => {
    const { terminalKey, keys } = protocol.openPinSession(session, secret(7));
    expect(cardKeys(terminalKey)).toEqual(keys);
    expect(keys.encryption).not.toEqual(keys.mac);
  });

  it("has other keys for another domain, challenge, card or terminal", () => {
    const { terminalKey, keys } = protocol.openPinSession(session, secret(7));
    const others: protocol.PinSession[] = [
      { ...session, domain: { ...domain, chainId: 1n } },
      { ...session, challenge: counting(0x32, 16) },
    ];
    for (const other of others) expect(protocol.openPinSession(other, secret(7)).keys).not.toEqual(keys);
    expect(protocol.openPinSession(session, secret(8)).keys).not.toEqual(keys);
    const card = protocol.uncompressKey(protocol.createSigner(secret(10)).publicKey);
    expect(protocol.openPinSession({ ...session, ephemeralKey: card }, secret(7)).keys).not.toEqual(keys);
    expect(terminalKey).toHaveLength(65);
  });

  it("is believed only under the card's key, over this terminal's challenge", async () => {
    const card = testSigner("pin card");
    const sign = async (signed: protocol.PinSession) =>
      protocol.encodeDerSignature(
        protocol.decodeSignature(await card.sign(protocol.digestOf(protocol.encodePinSession(signed)))),
      );
    const der = await sign(session);
    expect(() => protocol.verifyPinSession(session, der, card.publicKey)).not.toThrow();
    expect(codeOf(() => protocol.verifyPinSession(session, der, testSigner("man in the middle").publicKey))).toBe(
      "BAD_SIGNATURE",
    );
    const replayed = { ...session, challenge: counting(0x41, 16) };
    expect(codeOf(() => protocol.verifyPinSession(replayed, der, card.publicKey))).toBe("BAD_SIGNATURE");
    const swapped = { ...session, ephemeralKey: protocol.uncompressKey(testSigner("man in the middle").publicKey) };
    expect(codeOf(() => protocol.verifyPinSession(swapped, der, card.publicKey))).toBe("BAD_SIGNATURE");
  });

  it("refuses keys off the curve and secrets that are none", () => {
    const off = Uint8Array.from(cardEphemeral);
    off[64] = (off[64] ?? 0) ^ 1;
    expect(codeOf(() => protocol.openPinSession({ ...session, ephemeralKey: off }, secret(7)))).toBe("BAD_PUBLIC_KEY");
    expect(codeOf(() => protocol.openPinSession(session, new Uint8Array(32)))).toBe("BAD_SECRET_KEY");
    expect(codeOf(() => cardKeys(off))).toBe("BAD_PUBLIC_KEY");
  });

  it("zeroes its keys when it is closed", () => {
    const { keys } = protocol.openPinSession(session, secret(7));
    protocol.closePinKeys(keys);
    expect(protocol.isZero(keys.encryption) && protocol.isZero(keys.mac)).toBe(true);
  });
});

describe("PIN commands", () => {
  const open = protocol.openPinSession(session, secret(7));

  it("carry the PIN to the card, never in clear", () => {
    const data = protocol.sealVerifyPin(open, digits("4711"), requestHash);
    expect(data).toHaveLength(protocol.VERIFY_PIN_LENGTH);
    expect(protocol.toHex(data)).not.toContain(protocol.toHex(protocol.encodePinBlock(digits("4711"))).slice(2));
    const opened = protocol.openPinCommand(cardKeys(open.terminalKey), 0x20, data);
    expect(opened).toEqual({ instruction: 0x20, pin: digits("4711"), requestHash });
  });

  it("refuse every changed bit by the MAC, before anything is decrypted", () => {
    const data = protocol.sealChangePin(open, digits("4711"), digits("0815"));
    expect(data).toHaveLength(protocol.CHANGE_PIN_LENGTH);
    for (let bit = 65 * 8; bit < data.length * 8; bit += 1) {
      const changed = Uint8Array.from(data);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(codeOf(() => protocol.openPinCommand(cardKeys(open.terminalKey), 0x24, changed))).toBe("BAD_SIGNATURE");
    }
  });

  it("cannot be taken for another command", () => {
    const change = protocol.sealChangePin(open, digits("12345678"), digits("0815"));
    expect(codeOf(() => protocol.openPinCommand(cardKeys(open.terminalKey), 0x2c, change))).toBe("BAD_SIGNATURE");
    expect(codeOf(() => protocol.openPinCommand(cardKeys(open.terminalKey), 0x20, change))).toBe("WRONG_LENGTH");
  });

  it("bind the PIN to one request: one changed byte of the hash is refused", () => {
    const data = protocol.sealVerifyPin(open, digits("4711"), requestHash);
    const changed = Uint8Array.from(data);
    changed[65] = (changed[65] ?? 0) ^ 1;
    expect(codeOf(() => protocol.openPinCommand(cardKeys(open.terminalKey), 0x20, changed))).toBe("BAD_SIGNATURE");
  });
});

describe("what a PIN is bound to (spec §4.9)", () => {
  const { terminalKey, keys } = protocol.openPinSession(session, secret(5));
  const pin = digits("1234");

  it("is the hash of all bytes of one PAY request", () => {
    const request: protocol.PayRequest = {
      cardTag: counting(1, 8),
      counter: 2,
      payee: protocol.toAddress(counting(0x91, 20)),
      amount: 1n,
      time: 3,
      challenge: counting(0x31, 16),
      terminalId: counting(0xa1, 8),
      category: 12,
    };
    const hash = protocol.payRequestHash(request);
    expect(hash).toEqual(protocol.digestOf(protocol.encodePayRequest(request)));
    expect(protocol.payRequestHash({ ...request, category: 13 })).not.toEqual(hash);
  });

  it("is in the block as well: a cryptogram for another request is refused though its MAC holds", () => {
    const seal = (inBlock: Uint8Array) => {
      const block = protocol.concatBytes(protocol.encodePinBlock(pin), inBlock.subarray(0, 8));
      const cryptogram = cbc(keys.encryption, new Uint8Array(16), { disablePadding: true }).encrypt(block);
      const mac = cmac(protocol.concatBytes(Uint8Array.of(0x20), requestHash, cryptogram), keys.mac).subarray(0, 8);
      return protocol.concatBytes(terminalKey, requestHash, cryptogram, mac);
    };
    expect(seal(requestHash)).toEqual(protocol.sealVerifyPin({ terminalKey, keys }, pin, requestHash));
    expect(protocol.openPinCommand(keys, 0x20, seal(requestHash))).toMatchObject({ pin, requestHash });
    expect(() => protocol.openPinCommand(keys, 0x20, seal(counting(0x56, 32)))).toThrow(
      expect.objectContaining({ code: "OUT_OF_RANGE", context: expect.objectContaining({ field: "request" }) }),
    );
  });

  it("is agreed with keys that are points and secrets that are in range only", () => {
    const offCurve = Uint8Array.from(terminalKey);
    offCurve[64] = (offCurve[64] ?? 0) ^ 1;
    const agreement = { session, terminalKey, ownSecret: secret(9), peerKey: terminalKey };
    expect(codeOf(() => protocol.derivePinKeys({ ...agreement, terminalKey: offCurve }))).toBe("BAD_PUBLIC_KEY");
    expect(codeOf(() => protocol.derivePinKeys({ ...agreement, peerKey: offCurve }))).toBe("BAD_PUBLIC_KEY");
    expect(codeOf(() => protocol.derivePinKeys({ ...agreement, ownSecret: secret(0) }))).toBe("BAD_SECRET_KEY");
    expect(codeOf(() => protocol.openPinSession(session, secret(255)))).toBe("BAD_SECRET_KEY");
    expect(codeOf(() => protocol.createSigner([...secret(9)] as unknown as Uint8Array))).toBe("BAD_SECRET_KEY");
  });
});
