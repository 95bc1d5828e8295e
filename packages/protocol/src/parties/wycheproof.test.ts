import { describe, expect, it } from "@jest/globals";
import { createPublicKey, verify as verifyByNode } from "node:crypto";
import native from "secp256k1/bindings.js";
import * as protocol from "../index.ts";
import {
  hasHighS,
  pointBeyondOrder,
  withLowS,
  type WycheproofCase,
  wycheproofCases,
  wrongVerdicts,
} from "../testing/wycheproof.ts";

/** The DER form of a SubjectPublicKeyInfo for an uncompressed key of this curve (RFC 5480 §2, SEC 2). */
function nodeKey(uncompressed: Uint8Array) {
  const head = Buffer.from("3056301006072a8648ce3d020106052b8104000a034200", "hex");
  return createPublicKey({ key: Buffer.concat([head, uncompressed]), format: "der", type: "spki" });
}

/** What OpenSSL says, which knows no rule about the size of s. */
function byNode({ message, publicKey, signature }: WycheproofCase, dsaEncoding: "der" | "ieee-p1363"): boolean {
  return verifyByNode("sha256", message, { key: nodeKey(publicKey), dsaEncoding }, signature);
}

/** What libsecp256k1 says of r ‖ s; it throws for what is no signature. */
function byNative(signature: Uint8Array | null, { digest, publicKey }: WycheproofCase): boolean {
  try {
    return signature !== null && native.ecdsaVerify(signature, digest, publicKey);
  } catch {
    return false;
  }
}

/** r ‖ s of a DER signature with s as it stands, or null where the strict parser refuses it. */
function plainForm(der: Uint8Array): Uint8Array | null {
  try {
    const { r, s } = protocol.parseCardSignature(der);
    return protocol.fromHex(`0x${[r, s].map((value) => value.toString(16).padStart(64, "0")).join("")}`);
  } catch (error) {
    if (!protocol.isProtocolError(error)) throw error;
    return null;
  }
}

/** The code of the refusal of a card's signature, or null where it is taken. */
function refusal({ signature, digest, publicKey }: WycheproofCase): string | null {
  try {
    protocol.normalizeCardSignature(signature, digest, publicKey);
    return null;
  } catch (error) {
    if (!protocol.isProtocolError(error)) throw error;
    return error.code;
  }
}

const byResult = ({ valid }: WycheproofCase) => valid;
const verified = (signature: Uint8Array | null, { digest, publicKey }: WycheproofCase) =>
  signature !== null && protocol.verifyDigest(signature, digest, publicKey);

describe("Wycheproof's DER signatures, as cards answer them", () => {
  const cases = wycheproofCases("der");
  const lowForm = ({ signature }: WycheproofCase) => {
    const plain = plainForm(signature);
    return plain === null ? null : withLowS(plain);
  };

  it("are all there", () => {
    expect([cases.length, cases.filter(byResult).length]).toEqual([476, 168]);
  });

  it("verify with low s exactly where they are valid, here as by libsecp256k1 and OpenSSL", () => {
    expect(wrongVerdicts(cases, (entry) => verified(lowForm(entry), entry), byResult)).toEqual([]);
    expect(wrongVerdicts(cases, (entry) => byNative(lowForm(entry), entry), byResult)).toEqual([]);
    expect(wrongVerdicts(cases, (entry) => byNode(entry, "der"), byResult)).toEqual([]);
  });

  it("are taken from a card where they are valid, but for a point beyond the order, and refused by a code", () => {
    const refused = cases.map((entry) => [entry, refusal(entry)] as const).filter(([, code]) => code !== null);
    const ours = refused.filter(([{ valid }]) => valid).map(([{ tcId }, code]) => [tcId, code]);
    expect(ours).toEqual(pointBeyondOrder.der.map((tcId) => [tcId, "BAD_SIGNATURE"]));
    expect(refused).toHaveLength(476 - 168 + pointBeyondOrder.der.length);
    const encodings = ["BerEncodedSignature", "InvalidEncoding", "InvalidTypesInSignature", "MissingZero"];
    for (const [{ tcId, flags }, code] of refused) {
      const codes = flags.some((flag) => encodings.includes(flag))
        ? ["BAD_SIGNATURE_ENCODING"]
        : ["BAD_SIGNATURE_ENCODING", "SIGNATURE_OUT_OF_RANGE", "BAD_SIGNATURE"];
      expect([tcId, codes]).toEqual([tcId, expect.arrayContaining([code])]);
    }
  });

  it("give a parity from which the card's key comes back", () => {
    const lost = cases.filter((entry) => {
      if (refusal(entry) !== null) return false;
      const { signature, parity } = protocol.normalizeCardSignature(entry.signature, entry.digest, entry.publicKey);
      const key = native.ecdsaRecover(signature, parity, entry.digest, false);
      return protocol.toHex(new Uint8Array(key)) !== protocol.toHex(entry.publicKey);
    });
    expect(lost.map(({ tcId }) => tcId)).toEqual([]);
  });
});

describe("Wycheproof's P1363 signatures, as everybody but a card signs", () => {
  const cases = wycheproofCases("p1363");
  const validAndLow = ({ valid, signature }: WycheproofCase) => valid && !hasHighS(signature);

  it("are all there", () => {
    expect([cases.length, cases.filter(byResult).length, cases.filter(validAndLow).length]).toEqual([252, 167, 95]);
  });

  it("verify exactly where they are valid and s is low, here as by libsecp256k1; by OpenSSL with a high s too", () => {
    expect(wrongVerdicts(cases, (entry) => verified(entry.signature, entry), validAndLow)).toEqual([]);
    expect(wrongVerdicts(cases, (entry) => byNative(entry.signature, entry), validAndLow)).toEqual([]);
    expect(wrongVerdicts(cases, (entry) => byNode(entry, "ieee-p1363"), byResult)).toEqual([]);
  });

  it("verify exactly where they are valid once s is low", () => {
    expect(wrongVerdicts(cases, (entry) => verified(withLowS(entry.signature), entry), byResult)).toEqual([]);
  });

  it("have a parity where they verify, but for a point beyond the order", () => {
    const parityOf = (entry: WycheproofCase): string | number => {
      try {
        return protocol.signatureParity(withLowS(entry.signature), entry.digest, entry.publicKey);
      } catch (error) {
        if (!protocol.isProtocolError(error)) throw error;
        return error.code;
      }
    };
    const without = cases.filter((entry) => entry.valid && typeof parityOf(entry) === "string");
    expect(without.map(({ tcId }) => tcId)).toEqual(pointBeyondOrder.p1363);
    expect(cases.filter((entry) => !entry.valid && typeof parityOf(entry) === "number")).toEqual([]);
  });
});

describe("Wycheproof's Bitcoin signatures, DER with low s", () => {
  const cases = wycheproofCases("bitcoin");

  it("are all there", () => {
    expect([cases.length, cases.filter(byResult).length]).toEqual([463, 162]);
  });

  it("verify exactly where they are valid, with s as it stands", () => {
    expect(wrongVerdicts(cases, (entry) => verified(plainForm(entry.signature), entry), byResult)).toEqual([]);
    expect(wrongVerdicts(cases, (entry) => byNative(plainForm(entry.signature), entry), byResult)).toEqual([]);
  });

  it("are taken from a card with a high s too, which is made low there (spec §3.0)", () => {
    const taken = cases.filter((entry) => (refusal(entry) === null) !== entry.valid).map(({ tcId }) => tcId);
    // 1 and 388 are valid but for a high s.
    expect(taken).toEqual([1, ...pointBeyondOrder.bitcoin, 388]);
  });
});
