import { describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import * as protocol from "./index.ts";
import { answerOf, counting, domain, makeCard, requestFor, testSigner } from "./testing/fixture.ts";

function faultOf(action: () => unknown): { readonly code: string; readonly context: object } | null {
  try {
    action();
    return null;
  } catch (error) {
    if (protocol.isProtocolError(error)) return { code: error.code, context: error.context };
    throw error;
  }
}

const bytes = (text: string) => protocol.fromHex(`0x${text.replaceAll(" ", "")}`);

describe("a card's DER signature (spec §3.0) is refused for the first thing that is wrong", () => {
  it.each([
    ["30 05 02 01 01 02 00", "it is too short"],
    [`30 47 02 21 00${"81".repeat(32)} 02 22 00${"81".repeat(33)}`, "it is too long"],
    ["31 06 02 01 01 02 01 01", "it is not a DER sequence"],
    ["30 07 02 01 01 02 01 01", "the sequence does not have the length it states"],
    ["30 05 02 01 01 02 01 01", "the sequence does not have the length it states"],
    ["30 06 03 01 01 02 01 01", "r is not a DER integer"],
    ["30 06 02 01 01 03 01 01", "s is not a DER integer"],
    ["30 06 02 00 02 02 01 01", "r has a wrong length"],
    ["30 06 02 05 01 02 01 01", "r has a wrong length"],
    [`30 27 02 22 01${"00".repeat(33)} 02 01 01`, "r has a wrong length"],
    ["30 06 02 01 01 02 02 01", "s has a wrong length"],
    ["30 06 02 01 80 02 01 01", "r is negative"],
    ["30 06 02 01 01 02 01 ff", "s is negative"],
    ["30 07 02 02 00 7f 02 01 01", "r has a needless leading zero"],
    ["30 07 02 01 01 02 02 00 01", "s has a needless leading zero"],
    ["30 07 02 01 01 02 01 01 00", "bytes follow the second integer"],
  ])("%s: %s", (der, fault) => {
    expect(faultOf(() => protocol.parseCardSignature(bytes(der)))).toEqual({
      code: "BAD_SIGNATURE_ENCODING",
      context: { fault },
    });
  });

  it("is not a list of numbers either", () => {
    const list = [...bytes("30 06 02 01 01 02 01 01")] as unknown as Uint8Array;
    expect(faultOf(() => protocol.parseCardSignature(list))).toEqual({
      code: "BAD_SIGNATURE_ENCODING",
      context: { fault: "it is not a byte array" },
    });
  });

  it.each([
    [1n, 1n, "30 06 02 01 01 02 01 01"],
    [0x7fn, 0x80n, "30 07 02 01 7f 02 02 00 80"],
    [0x80n, 0x7fn, "30 07 02 02 00 80 02 01 7f"],
  ])("has the least bytes for r = %s and s = %s", (r, s, der) => {
    expect(protocol.encodeDerSignature({ r, s })).toEqual(bytes(der));
    expect(protocol.parseCardSignature(bytes(der))).toEqual({ r, s });
  });

  it.each([
    [0n, 1n, "r"],
    [protocol.GROUP_ORDER, 1n, "r"],
    [1n, 0n, "s"],
    [1n, protocol.GROUP_ORDER, "s"],
    [0n, 0n, "r"],
  ])("of r = %s and s = %s is out of range, and names which", (r, s, part) => {
    expect(faultOf(() => protocol.encodeDerSignature({ r, s }))).toEqual({
      code: "SIGNATURE_OUT_OF_RANGE",
      context: { part },
    });
  });
});

describe("a signature inside an object", () => {
  const bundle = async (): Promise<protocol.VoucherBundle> => {
    const card = await makeCard();
    const request = requestFor(card.select);
    const { message, context } = protocol.rebuildVoucher(domain, request, await answerOf(card, request));
    const { cardKey, allowanceBody, allowanceSignature } = card.select;
    return { cardKey, message, context, signature: allowanceSignature, allowanceBody, allowanceSignature };
  };

  it("is judged when it is written, and named", async () => {
    const good = await bundle();
    expect(faultOf(() => protocol.encodeVoucherBundle({ ...good, signature: counting(1, 63) }))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "VoucherBundle", field: "signature", expected: "64", actual: 63 },
    });
    expect(faultOf(() => protocol.encodeVoucherBundle({ ...good, signature: new Uint8Array(64) }))).toEqual({
      code: "SIGNATURE_OUT_OF_RANGE",
      context: { part: "r" },
    });
  });

  it("is judged when it is read", async () => {
    const written = protocol.encodeVoucherBundle(await bundle());
    written.fill(0, written.length - 64);
    expect(faultOf(() => protocol.decodeVoucherBundle(written))?.code).toBe("SIGNATURE_OUT_OF_RANGE");
  });

  it("has 64 bytes", () => {
    expect(faultOf(() => protocol.decodeSignature(counting(1, 65)))).toEqual({
      code: "WRONG_LENGTH",
      context: { object: "Signature", field: "bytes", expected: "64", actual: 65 },
    });
  });
});

describe("the answer of PAY (spec §4.5)", () => {
  const answer = async () => {
    const card = await makeCard();
    return await answerOf(card, requestFor(card.select));
  };

  it("is written and read only with a signature in its form", async () => {
    const good = await answer();
    const signature = counting(0x31, 70);
    expect(faultOf(() => protocol.encodePayAnswer({ ...good, signature }))?.code).toBe("BAD_SIGNATURE_ENCODING");
    const written = protocol.concatBytes(protocol.encodePayAnswer(good).subarray(0, 48), signature);
    expect(faultOf(() => protocol.decodePayAnswer(written))?.code).toBe("BAD_SIGNATURE_ENCODING");
  });

  it("is refused below its least and above its greatest length, with what came", () => {
    const object = "PayAnswer";
    const refused = (value: unknown) => faultOf(() => protocol.decodePayAnswer(value as Uint8Array));
    const short = (actual: number) => ({ code: "WRONG_LENGTH", context: { object, expected: "56-120", actual } });
    expect(refused(new Uint8Array(55))).toEqual(short(55));
    expect(refused("00")).toEqual(short(0));
    expect(refused(new Uint8Array(121))).toEqual({
      code: "SURPLUS_BYTES",
      context: { object, expected: 120, actual: 121 },
    });
    expect(refused(new Uint8Array(56))?.code).toBe("OUT_OF_RANGE");
    expect(refused(new Uint8Array(120))?.code).toBe("OUT_OF_RANGE");
  });
});

describe("a PIN block (spec §4.9)", () => {
  const refused = (block: Uint8Array) => faultOf(() => protocol.decodePinBlock(block));
  const outOfRange = (expected: string) => ({
    code: "OUT_OF_RANGE",
    context: { object: "PIN", field: "digits", expected, actual: "something else" },
  });

  it.each(["23123fffffffffff", "2d12345678901234", "1412 34ffffffffff", "3412 34ffffffffff", "2412 34ffffffff", "00"])(
    "is not %s",
    (block) => {
      expect(refused(bytes(block))).toEqual(outOfRange("a format-2 block of 4 to 12 digits"));
    },
  );

  it("holds digits, and F behind them", () => {
    expect(refused(bytes("24123affffffffff"))).toEqual(outOfRange("4 to 12 digits, one a byte"));
    expect(refused(bytes("241234fffffffff0"))).toEqual(outOfRange("filled up with F"));
    expect(refused(bytes("2412340fffffffff"))).toEqual(outOfRange("filled up with F"));
    expect(protocol.decodePinBlock(bytes("2c123456789012ff"))).toEqual(Uint8Array.from("123456789012", Number));
    expect(protocol.decodePinBlock(bytes("241234ffffffffff"))).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  it("is made of digits only, for a PUK too", () => {
    const expected = outOfRange("4 to 12 digits, one a byte");
    expect(faultOf(() => protocol.checkPuk(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 10)))).toEqual(expected);
    expect(faultOf(() => protocol.encodePinBlock([1, 2, 3, 4] as unknown as Uint8Array))).toEqual(expected);
    expect(faultOf(() => protocol.checkPuk(Uint8Array.of(1, 2, 3, 4)))).toEqual(outOfRange("8 digits"));
  });
});

describe("what is verified", () => {
  const signer = testSigner("refusals");
  const digest = counting(1, 32);

  it("is 32 bytes: a digest that goes on is another one", async () => {
    const signature = await signer.sign(digest);
    expect(protocol.verifyDigest(signature, digest, signer.publicKey)).toBe(true);
    const longer = protocol.concatBytes(digest, Uint8Array.of(0));
    expect(protocol.verifyDigest(signature, longer, signer.publicKey)).toBe(false);
    expect(protocol.verifyDigest(signature, [...digest] as unknown as Uint8Array, signer.publicKey)).toBe(false);
    const fault = {
      code: "WRONG_LENGTH",
      context: { object: "Signature", field: "digest", expected: "32", actual: 33 },
    };
    expect(faultOf(() => protocol.signatureParity(signature, longer, signer.publicKey))).toEqual(fault);
    const der = protocol.encodeDerSignature(protocol.decodeSignature(signature));
    expect(faultOf(() => protocol.normalizeCardSignature(der, longer, signer.publicKey))).toEqual(fault);
    expect(faultOf(() => protocol.signatureParity(signature, counting(2, 32), signer.publicKey))).toEqual({
      code: "BAD_SIGNATURE",
      context: { object: "digest" },
    });
  });

  it("keeps an s of exactly n/2, which is low (Wycheproof tcId 391)", () => {
    const { cases } = JSON.parse(
      readFileSync(new URL("../../../vectors/outside/ecdsa-wycheproof-der.json", import.meta.url), "utf8"),
    );
    const { publicKey, msg, sig } = cases.find((entry: { tcId: number }) => entry.tcId === 391);
    const [key, der] = [protocol.fromHex(publicKey), protocol.fromHex(sig)];
    const { signature } = protocol.normalizeCardSignature(der, protocol.digestOf(protocol.fromHex(msg)), key);
    expect(protocol.decodeSignature(signature).s).toBe(protocol.GROUP_ORDER >> 1n);
  });
});

describe("small bounds", () => {
  it("let every time of a configuration be 0 but those that others must exceed (spec §5.5)", () => {
    const times = { ...protocol.defaultFreshness, listAgeSeconds: 0, chainMarginSeconds: 0, unsentMarginSeconds: 0 };
    expect(protocol.freshnessHolds(times)).toBe(true);
    expect(protocol.freshnessHolds({ ...times, uploadWindowSeconds: 0 })).toBe(false);
  });

  it("take no list of one name for a reason code", () => {
    expect(protocol.isReasonCode(["CARD_STATE"])).toBe(false);
    expect(protocol.isReasonCode("CARD_STATE")).toBe(true);
  });
});

describe("SELECT's answer (spec §4.4)", () => {
  it("is written with an AID of this package only, and says what came", async () => {
    const { select } = await makeCard();
    const aid = Uint8Array.of(0xf0, 0x54, 0x41, 0x4c, 0x4c, 0x59, 0x01, 1);
    expect(faultOf(() => protocol.encodeSelectAnswer({ ...select, aid }))).toEqual({
      code: "UNKNOWN_TAG",
      context: { object: "SelectAnswer", expected: "0xf054414c4c5900", actual: "0xf054414c4c5901" },
    });
    const zeroth = Uint8Array.of(...protocol.PACKAGE_AID, 0);
    expect(faultOf(() => protocol.encodeSelectAnswer({ ...select, aid: zeroth }))).toEqual({
      code: "OUT_OF_RANGE",
      context: { object: "SelectAnswer", field: "aid", expected: "an instance from 1 to 255", actual: "0" },
    });
    expect(faultOf(() => protocol.encodeSelectAnswer({ ...select, version: 2 as unknown as 1 }))).toEqual({
      code: "UNKNOWN_VERSION",
      context: { object: "SelectAnswer", expected: 1, actual: 2 },
    });
    expect(faultOf(() => protocol.instanceAid(0))).toEqual({
      code: "OUT_OF_RANGE",
      context: { object: "AID", field: "instance", expected: "1 to 255", actual: "0" },
    });
  });
});

describe("an error of the protocol", () => {
  it("is distinguished from others, and by its code", () => {
    const error = new protocol.ProtocolError("HIGH_S", {});
    expect(protocol.isProtocolError(error)).toBe(true);
    expect(protocol.isProtocolError(error, "HIGH_S")).toBe(true);
    expect(protocol.isProtocolError(error, "BAD_HEX")).toBe(false);
    expect(protocol.isProtocolError(new Error("HIGH_S"))).toBe(false);
    expect(protocol.isProtocolError({ code: "HIGH_S" }, "HIGH_S")).toBe(false);
    expect(error.name).toBe("ProtocolError");
  });
});
