import { describe, expect, it } from "@jest/globals";
import { createHash, createECDH } from "node:crypto";
import * as protocol from "./index.ts";

describe("lengths of the objects (spec §3.0, §4)", () => {
  it.each([
    ["DOMAIN_LENGTH", 28],
    ["VOUCHER_MESSAGE_LENGTH", 82],
    ["VOUCHER_CONTEXT_LENGTH", 77],
    ["ALLOWANCE_BODY_LENGTH", 62],
    ["ALLOWANCE_LENGTH", 114],
    ["MERCHANT_CERTIFICATE_LENGTH", 119],
    ["STATUS_LIST_HEAD_LENGTH", 81],
    ["STATE_PROOF_LENGTH", 95],
    ["OPENING_LENGTH", 52],
    ["UPLOAD_LENGTH", 128],
    ["CANCELLATION_LENGTH", 132],
    ["PIN_SESSION_LENGTH", 113],
    ["PAY_REQUEST_LENGTH", 67],
    ["MAX_PAY_ANSWER_LENGTH", 120],
    ["SELECT_ANSWER_LENGTH", 234],
    ["BLANK_SELECT_ANSWER_LENGTH", 16],
    ["CARD_RECORD_LENGTH", 143],
    ["VOUCHER_BUNDLE_LENGTH", 382],
  ] as const)("%s is %i", (name, length) => {
    expect(protocol[name]).toBe(length);
  });
});

describe("signing and verifying", () => {
  it("verifies its own signatures under the key that node:crypto derives", async () => {
    const secret = new Uint8Array(32).fill(7);
    const signer = protocol.createSigner(secret);
    const ecdh = createECDH("secp256k1");
    ecdh.setPrivateKey(secret);
    expect(protocol.toHex(signer.publicKey)).toBe(`0x${ecdh.getPublicKey("hex", "compressed")}`);
    const digest = new Uint8Array(createHash("sha256").update("tally").digest());
    const signature = await signer.sign(digest);
    expect(protocol.verifyDigest(signature, digest, signer.publicKey)).toBe(true);
    const parts = protocol.decodeSignature(signature);
    const high = protocol.encodeDerSignature({ r: parts.r, s: protocol.GROUP_ORDER - parts.s });
    expect(protocol.normalizeCardSignature(high, digest, signer.publicKey).signature).toEqual(signature);
  });
});
