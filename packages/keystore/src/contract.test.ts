import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { addressOfKey, fromHex, toHex } from "@tallystick/protocol";
import {
  createMemoryMasterKey,
  createMemorySigningKey,
  openTokenMasterKey,
  openTokenSigningKey,
  Token,
} from "./index.ts";
import { CKA, CKO } from "./pkcs11/constants.ts";
import { drawTokenMasterKey, drawTokenSigningKey } from "./pkcs11/draw-keys.ts";
import { loadLibrary } from "./pkcs11/library.ts";
import type { CardMasterKey, SigningKey } from "./ports.ts";
import { importMasterKey, importSigningKey, startSoftHsm, type SoftHsm } from "./testing/index.ts";

let hsm: SoftHsm;
let token: Token;

beforeAll(() => {
  hsm = startSoftHsm();
  const { tokenLabel, pin } = hsm.makeToken("contract");
  token = new Token({ library: loadLibrary(hsm.library), tokenLabel, readPin: () => pin });
});

afterAll(() => {
  hsm.end();
});

/** RFC 4493 §4. */
const rfc4493Key = fromHex("0x2b7e151628aed2a6abf7158809cf4f3c");
const rfc4493Message =
  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
const rfc4493: readonly (readonly [bytes: number, code: string])[] = [
  [16, "0x070a16b46b4d4144f79bdd9dd04a287c"],
  [40, "0xdfa66747de9ae63030ca32611497c827"],
  [64, "0x51f0bebf7e3b9d92fc49741779363cfe"],
];

const secret = fromHex(`0x${"c0".repeat(32)}`);
let imported = 0;

/** The same secrets, put where each implementation holds them. */
const implementations: readonly {
  readonly name: string;
  readonly signing: (secretKey: Uint8Array) => SigningKey;
  readonly master: (key: Uint8Array) => CardMasterKey;
}[] = [
  { name: "in memory", signing: createMemorySigningKey, master: createMemoryMasterKey },
  { name: "in an HSM", signing: signingKeyInHsm, master: masterKeyInHsm },
];

function signingKeyInHsm(secretKey: Uint8Array): SigningKey {
  const label = `imported-${(imported += 1)}`;
  importSigningKey(token, label, secretKey);
  return openTokenSigningKey(token, label);
}

function masterKeyInHsm(key: Uint8Array): CardMasterKey {
  const label = `imported-${(imported += 1)}`;
  importMasterKey(token, label, key);
  return openTokenMasterKey(token, label);
}

describe.each(implementations)("a signing key $name", ({ signing }) => {
  it("is known by its public key and its account's address", () => {
    const key = signing(secret);
    expect(toHex(key.publicKey)).toBe(toHex(secp256k1.getPublicKey(secret, true)));
    expect(key.address).toEqual(addressOfKey(key.publicKey));
  });

  it("signs digests with low s and the right recovery bit, every time", async () => {
    const key = signing(secret);
    const bits = new Set<number>();
    for (let count = 0; count < 24; count += 1) {
      const digest = Uint8Array.from(randomBytes(32));
      const { signature, recovery } = await key.signRecoverably(digest);
      const parsed = secp256k1.Signature.fromBytes(signature, "compact");
      expect(parsed.hasHighS()).toBe(false);
      const recovered = parsed.addRecoveryBit(recovery).recoverPublicKey(digest);
      expect(toHex(recovered.toBytes(true))).toBe(toHex(key.publicKey));
      expect(secp256k1.verify(await key.sign(digest), digest, key.publicKey, { prehash: false })).toBe(true);
      bits.add(recovery);
    }
    expect(bits).toEqual(new Set([0, 1]));
  });

  it("signs for many callers at once, each its own digest", async () => {
    const key = signing(secret);
    const digests = Array.from({ length: 16 }, () => Uint8Array.from(randomBytes(32)));
    const signatures = await Promise.all(digests.map((digest) => key.sign(digest)));
    const right = signatures.map((signature, index) =>
      secp256k1.verify(signature, digests[index] ?? new Uint8Array(), key.publicKey, { prehash: false }),
    );
    expect(right).toEqual(digests.map(() => true));
  });

  it.each([0, 31, 33, 64])("signs no digest of %i bytes", async (length) => {
    await expect(signing(secret).sign(new Uint8Array(length))).rejects.toMatchObject({ code: "WRONG_LENGTH" });
  });
});

describe.each(implementations)("a card master key $name", ({ master }) => {
  it.each(rfc4493)("authenticates %i bytes as RFC 4493 does", async (bytes, code) => {
    const message = fromHex(`0x${rfc4493Message.slice(0, bytes * 2)}`);
    expect(toHex(await master(rfc4493Key).cmac(message))).toBe(code);
  });

  it.each([
    // AES of 16 × 01 under 40, 41 … as OpenSSL computes it.
    [16, "0x504a77"],
    [24, "0xffcd73"],
    [32, "0xecdcd8"],
  ])("of %i bytes has the check value of GlobalPlatform", (bytes, checkValue) => {
    const key = master(Uint8Array.from({ length: bytes }, (_, index) => 0x40 + index));
    expect([key.bytes, toHex(key.checkValue)]).toEqual([bytes, checkValue]);
  });

  it("takes no message that no derivation has", async () => {
    const key = master(rfc4493Key);
    expect(await key.cmac(new Uint8Array(256))).toHaveLength(16);
    for (const length of [0, 257]) await expect(key.cmac(new Uint8Array(length))).rejects.toThrow(RangeError);
  });
});

describe("a key drawn in an HSM", () => {
  it("signs and derives, is never replaced, and shows no secret", async () => {
    drawTokenSigningKey(token, { label: "drawn", extractable: false });
    drawTokenMasterKey(token, { label: "drawn-master", extractable: false, bytes: 32 });
    const digest = new Uint8Array(32).fill(1);
    const key = openTokenSigningKey(token, "drawn");
    expect(secp256k1.verify(await key.sign(digest), digest, key.publicKey, { prehash: false })).toBe(true);
    expect(openTokenMasterKey(token, "drawn-master").bytes).toBe(32);
    for (const draw of [
      () => drawTokenSigningKey(token, { label: "drawn", extractable: false }),
      () => drawTokenMasterKey(token, { label: "drawn", extractable: false, bytes: 16 }),
      () => drawTokenSigningKey(token, { label: "drawn-master", extractable: false }),
    ])
      expect(draw).toThrow(expect.objectContaining({ code: "HSM_KEY_EXISTS" }));
    token.now("look", ({ session }) => {
      for (const [objectClass, label] of [
        [CKO.privateKey, "drawn"],
        [CKO.secretKey, "drawn-master"],
      ] as const) {
        token.library.C_FindObjectsInit(session, [
          { type: CKA.class, value: objectClass },
          { type: CKA.label, value: label },
        ]);
        const [handle] = token.library.C_FindObjects(session, 1);
        token.library.C_FindObjectsFinal(session);
        expect(() => token.library.C_GetAttributeValue(session, handle as Buffer, [{ type: CKA.value }])).toThrow(
          expect.objectContaining({ code: 0x11 }),
        );
      }
    });
  });
});
