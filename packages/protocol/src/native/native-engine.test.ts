import { describe, expect, it } from "@jest/globals";
import {
  createSigner,
  digestOf,
  GROUP_ORDER,
  protocolEngine,
  signatureParity,
  uncompressKey,
  verifyDigest,
} from "../index.ts";
import fc from "fast-check";
import { createNativeEngine } from "./native-engine.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const secret = bytes(32).filter((key) => {
  const value = BigInt(`0x${Buffer.from(key).toString("hex")}`);
  return value > 0n && value < GROUP_ORDER;
});

/** s of a signature replaced by n − s: the other form, which nobody may accept. */
function highForm(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  const high = (GROUP_ORDER - s).toString(16).padStart(64, "0");
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(high, "hex")]);
}

describe("the native signature engine agrees with the protocol's own verifier", () => {
  const engine = createNativeEngine();

  it("on good signatures and their parity", async () => {
    await fc.assert(
      fc.asyncProperty(secret, bytes(40), async (key, message) => {
        const signer = createSigner(key);
        const digest = digestOf(message);
        const signature = await signer.sign(digest);
        expect(engine.verify(signature, digest, signer.publicKey)).toBe(true);
        expect(engine.parityOf(signature, digest, signer.publicKey)).toBe(
          signatureParity(signature, digest, signer.publicKey),
        );
        const parity = signatureParity(signature, digest, signer.publicKey) ?? 0;
        expect(Buffer.from(engine.keyOf(signature, digest, parity) ?? [])).toEqual(Buffer.from(signer.publicKey));
        expect(engine.keyOf(new Uint8Array(64), digest, parity)).toBeNull();
      }),
      { numRuns: 30, seed: 7 },
    );
  });

  it("on signatures with one changed bit, another key, and the high form of s", async () => {
    const other = createSigner(Buffer.alloc(32, 5));
    await fc.assert(
      fc.asyncProperty(secret, bytes(40), fc.nat(511), async (key, message, bit) => {
        const signer = createSigner(key);
        const digest = digestOf(message);
        const signature = await signer.sign(digest);
        const changed = Uint8Array.from(signature);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        for (const [tried, publicKey] of [
          [changed, signer.publicKey],
          [signature, other.publicKey],
          [highForm(signature), signer.publicKey],
        ] as const) {
          expect(engine.verify(tried, digest, publicKey)).toBe(verifyDigest(tried, digest, publicKey));
          expect(engine.verify(tried, digest, publicKey)).toBe(false);
          expect([
            engine.parityOf(tried, digest, publicKey),
            protocolEngine.parityOf(tried, digest, publicKey),
          ]).toEqual([null, null]);
        }
      }),
      { numRuns: 30, seed: 8 },
    );
  });

  it.each([
    ["r of zero", Buffer.concat([Buffer.alloc(32), Buffer.alloc(32, 1)])],
    ["s of zero", Buffer.concat([Buffer.alloc(32, 1), Buffer.alloc(32)])],
    ["r of n", Buffer.concat([Buffer.from(GROUP_ORDER.toString(16), "hex"), Buffer.alloc(32, 1)])],
    ["a short signature", Buffer.alloc(63, 1)],
    ["an empty signature", Buffer.alloc(0)],
  ])("refuses %s without throwing", (_name, signature) => {
    const { publicKey } = createSigner(Buffer.alloc(32, 5));
    expect(engine.verify(signature, Buffer.alloc(32, 2), publicKey)).toBe(false);
    expect(engine.parityOf(signature, Buffer.alloc(32, 2), publicKey)).toBeNull();
    expect(engine.verify(Buffer.alloc(64, 1), Buffer.alloc(32, 2), Buffer.alloc(33, 255))).toBe(false);
  });

  it("on keys in either form, and on what is no key", async () => {
    const signer = createSigner(Buffer.alloc(32, 5));
    const digest = digestOf(Buffer.from("either form"));
    const signature = await signer.sign(digest);
    const long = uncompressKey(signer.publicKey);
    const changed = (at: number, value: number) => long.map((byte, index) => (index === at ? value : byte));
    const mixed = changed(0, 6 + ((long[64] ?? 0) & 1));
    const offCurve = changed(64, (long[64] ?? 0) ^ 1);
    const noPoint = Uint8Array.of(2, ...new Uint8Array(31), 5);
    const others = [mixed, offCurve, noPoint, long.subarray(1), new Uint8Array(33), new Uint8Array(0)];
    const verdicts = [signer.publicKey, long, ...others].map((key) => {
      const by = [engine, protocolEngine].map((one) => [
        one.verify(signature, digest, key),
        one.parityOf(signature, digest, key),
        one.addressOf(key),
      ]);
      expect(by[0]).toEqual(by[1]);
      return by[0]?.[0];
    });
    expect(verdicts).toEqual([true, true, ...others.map(() => false)]);
    expect(engine.addressOf(long)).toEqual(engine.addressOf(signer.publicKey));
  });
});
