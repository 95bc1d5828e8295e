import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import native from "secp256k1/bindings.js";
import * as protocol from "../index.ts";
import { testSigner } from "../testing/fixture.ts";

const outside = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../vectors/outside/${name}.json`, import.meta.url), "utf8"));
const sha256 = (bytes: Uint8Array | string) => new Uint8Array(createHash("sha256").update(bytes).digest());

describe("known answers", () => {
  const known = outside("ecdsa-rfc6979").cases as { privateKey: string; message: string; signature: string }[];
  it.each(known)("signs $message as RFC 6979 says", async ({ privateKey, message, signature }) => {
    const signer = protocol.createSigner(protocol.fromHex(privateKey));
    expect(protocol.toHex(await signer.sign(sha256(message)))).toBe(signature);
  });

  const addresses = outside("ethereum-addresses") as {
    checksums: string[];
    keys: { privateKey: string; address: string }[];
  };
  it.each(addresses.checksums)("checks the mixed case of %s", (text) => {
    expect(protocol.toChecksumAddress(protocol.parseAddress(text))).toBe(text);
    expect(protocol.toHex(protocol.parseAddress(text.toLowerCase()))).toBe(text.toLowerCase());
    const flipped = text.replace(/[a-fA-F](?=[^a-fA-F]*$)/, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    );
    expect(() => protocol.parseAddress(flipped)).toThrow(expect.objectContaining({ code: "BAD_CHECKSUM" }));
  });
  it.each(addresses.keys)("derives $address", ({ privateKey, address }) => {
    const { publicKey } = protocol.createSigner(protocol.fromHex(privateKey));
    expect(protocol.toChecksumAddress(protocol.addressOfKey(publicKey))).toBe(address);
    expect(protocol.toChecksumAddress(protocol.addressOfKey(protocol.uncompressKey(publicKey)))).toBe(address);
  });
});

describe("three implementations agree", () => {
  const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => native.privateKeyVerify(bytes));
  const digests = fc.uint8Array({ minLength: 32, maxLength: 32 });

  it("on every signature that the native library makes, in either form of s, and on its parity", () => {
    fc.assert(
      fc.property(secret, digests, fc.boolean(), (key, digest, high) => {
        const publicKey = native.publicKeyCreate(key, true);
        const { signature, recid } = native.ecdsaSign(digest, key);
        const parts = protocol.decodeSignature(signature);
        const der = protocol.encodeDerSignature(high ? { r: parts.r, s: protocol.GROUP_ORDER - parts.s } : parts);
        expect(protocol.verifyDigest(signature, digest, publicKey)).toBe(true);
        expect(protocol.normalizeCardSignature(der, digest, publicKey)).toEqual({
          signature: new Uint8Array(signature),
          parity: recid,
        });
        expect(protocol.signatureParity(signature, digest, publicKey)).toBe(recid);
        expect(
          new Uint8Array(native.ecdsaRecover(protocol.fromHex(protocol.toHex(signature)), recid, digest, true)),
        ).toEqual(new Uint8Array(publicKey));
      }),
      { numRuns: 40 },
    );
  });

  it.each([0n, 1n, protocol.GROUP_ORDER - 1n, protocol.GROUP_ORDER, protocol.GROUP_ORDER + 1n, (1n << 256n) - 1n])(
    "on the extreme digest %s",
    (value) => {
      const digest = protocol.fromHex(`0x${value.toString(16).padStart(64, "0")}`);
      const key = new Uint8Array(32).fill(3);
      const publicKey = native.publicKeyCreate(key, true);
      const { signature, recid } = native.ecdsaSign(digest, key);
      expect(protocol.signatureParity(signature, digest, publicKey)).toBe(recid);
      const other = Uint8Array.from(digest);
      other[31] = (other[31] ?? 0) ^ 1;
      expect(protocol.verifyDigest(signature, other, publicKey)).toBe(false);
    },
  );

  it("on signatures with one bit changed anywhere", () => {
    fc.assert(
      fc.property(secret, digests, fc.nat(64 * 8 - 1), (key, digest, bit) => {
        const publicKey = native.publicKeyCreate(key, true);
        const { signature } = native.ecdsaSign(digest, key);
        const changed = new Uint8Array(signature);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        let nativeSays = false;
        try {
          nativeSays = native.ecdsaVerify(changed, digest, publicKey);
        } catch {
          nativeSays = false;
        }
        expect(protocol.verifyDigest(changed, digest, publicKey)).toBe(nativeSays);
        expect(nativeSays).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

describe("what is no signature, key or digest", () => {
  const signer = testSigner("edge");
  const digest = sha256("edge");

  it("answers false and throws nothing", async () => {
    const signature = await signer.sign(digest);
    const n = protocol.GROUP_ORDER;
    const raw = (r: bigint, s: bigint) =>
      protocol.fromHex(`0x${r.toString(16).padStart(64, "0")}${s.toString(16).padStart(64, "0")}`);
    const { r, s } = protocol.decodeSignature(signature);
    for (const wrong of [
      raw(0n, s),
      raw(r, 0n),
      raw(n, s),
      raw(r, n),
      raw(r + 1n, s),
      raw(r, n - s),
      raw(0n, 0n),
      signature.subarray(1),
      new Uint8Array(65),
    ]) {
      expect(protocol.verifyDigest(wrong, digest, signer.publicKey)).toBe(false);
    }
    expect(protocol.verifyDigest(signature, digest.subarray(1), signer.publicKey)).toBe(false);
    expect(protocol.verifyDigest(signature, digest, new Uint8Array(33))).toBe(false);
    expect(protocol.verifyDigest(signature, digest, protocol.uncompressKey(signer.publicKey))).toBe(true);
  });

  it("knows keys in two forms only, on the curve only", () => {
    const uncompressed = protocol.uncompressKey(signer.publicKey);
    const hybrid = Uint8Array.of(6 + ((uncompressed[64] ?? 0) & 1), ...uncompressed.subarray(1));
    const offCurve = Uint8Array.from(uncompressed);
    offCurve[64] = (offCurve[64] ?? 0) ^ 1;
    for (const wrong of [
      new Uint8Array(1),
      hybrid,
      offCurve,
      uncompressed.subarray(1),
      new Uint8Array(65),
      Uint8Array.of(2, ...new Uint8Array(32).fill(255)),
    ]) {
      expect(() => protocol.parsePublicKey(wrong)).toThrow(expect.objectContaining({ code: "BAD_PUBLIC_KEY" }));
    }
    expect(protocol.compressKey(uncompressed)).toEqual(signer.publicKey);
  });

  it.each([
    new Uint8Array(32),
    new Uint8Array(31).fill(1),
    protocol.fromHex(`0x${protocol.GROUP_ORDER.toString(16)}`),
    new Uint8Array(32).fill(255),
  ])("refuses %p as a secret key", (secret) => {
    expect(() => protocol.createSigner(secret)).toThrow(expect.objectContaining({ code: "BAD_SECRET_KEY" }));
  });

  it("marks the parity in the top bit of s", async () => {
    const signature = await signer.sign(digest);
    expect(protocol.withParity(signature, 0)).toEqual(signature);
    const marked = protocol.withParity(signature, 1);
    expect(marked[32]).toBe((signature[32] ?? 0) + 128);
    expect(() => protocol.withParity(marked, 1)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/HIGH_S|SIGNATURE_OUT_OF_RANGE/) }),
    );
  });
});

describe("a verifier of pinned keys", () => {
  const [pinned, other] = [testSigner("pinned"), testSigner("other")];
  const verify = protocol.createPinnedVerifier([pinned.publicKey, protocol.uncompressKey(pinned.publicKey)]);
  const digest = sha256("what is signed");

  it("has the verdicts of every other one, for keys that are pinned and keys that are not", async () => {
    const signatures = [await pinned.sign(digest), await other.sign(digest)];
    const { r, s } = protocol.decodeSignature(signatures[0] ?? new Uint8Array(64));
    const wrong = [
      ...[new Uint8Array(64), new Uint8Array(63), new Uint8Array(64).fill(0xff)],
      Uint8Array.from(
        Buffer.from(
          `${r.toString(16).padStart(64, "0")}${(protocol.GROUP_ORDER - s).toString(16).padStart(64, "0")}`,
          "hex",
        ),
      ),
    ];
    const keys = [pinned.publicKey, protocol.uncompressKey(pinned.publicKey), other.publicKey, new Uint8Array(33)];
    const verdicts: boolean[] = [];
    for (const key of keys)
      for (const signature of [...signatures, ...wrong])
        for (const signed of [digest, sha256("anything else"), new Uint8Array(32), new Uint8Array(31)]) {
          verdicts.push(verify(signature, signed, key));
          expect(verdicts.at(-1)).toBe(protocol.verifyDigest(signature, signed, key));
        }
    expect(verdicts.filter(Boolean)).toHaveLength(3);
  });

  it("is not made for a key that is none", () => {
    expect(() => protocol.createPinnedVerifier([new Uint8Array(33)])).toThrow(
      expect.objectContaining({ code: "BAD_PUBLIC_KEY" }),
    );
  });

  it("keeps its verdicts where more keys are pinned than multiples are kept of", async () => {
    const signers = Array.from({ length: 18 }, (_, index) => testSigner(`pinned ${index}`));
    const all = protocol.createPinnedVerifier(signers.map(({ publicKey }) => publicKey));
    for (const signer of signers) expect(all(await signer.sign(digest), digest, signer.publicKey)).toBe(true);
  });
});
