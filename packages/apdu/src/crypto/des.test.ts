import { createCipheriv } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { bytesFromHex, bytesToHex } from "../iso7816/bytes.ts";
import { desDecryptBlock, desEncryptBlock, retailMac, tripleDesCbcEncrypt, tripleDesEcbEncrypt } from "./des.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe("DES", () => {
  // NIST SP 800-17, variable plaintext and key tests, first rows; and the worked example of FIPS 46
  // in NBS SP 500-20.
  it.each([
    ["0101010101010101", "8000000000000000", "95F8A5E5DD31D900"],
    ["8001010101010101", "0000000000000000", "95A8D72813DAA94D"],
    ["133457799BBCDFF1", "0123456789ABCDEF", "85E813540F0AB405"],
  ])("of key %s and block %s", (key, plain, cipher) => {
    expect(bytesToHex(desEncryptBlock(bytesFromHex(key), bytesFromHex(plain)))).toBe(cipher);
    expect(bytesToHex(desDecryptBlock(bytesFromHex(key), bytesFromHex(cipher)))).toBe(plain);
  });

  it("in its triple form agrees with OpenSSL", () => {
    fc.assert(
      fc.property(bytes(16), bytes(24), (key, data) => {
        const cbc = createCipheriv("des-ede-cbc", key, new Uint8Array(8)).setAutoPadding(false);
        expect(bytesToHex(tripleDesCbcEncrypt(key, data))).toBe(bytesToHex(cbc.update(data)));
        const ecb = createCipheriv("des-ede", key, null).setAutoPadding(false);
        expect(bytesToHex(tripleDesEcbEncrypt(key, data))).toBe(bytesToHex(ecb.update(data)));
      }),
      { seed: 46, numRuns: 40 },
    );
  });

  it("makes the retail MAC of a single block as triple DES does", () => {
    const key = bytesFromHex("404142434445464748494A4B4C4D4E4F");
    const block = bytesFromHex("8000000000000000");
    expect(retailMac(key, new Uint8Array(8), block)).toEqual(tripleDesEcbEncrypt(key, block));
  });

  it.each([
    ["a key of 7 bytes", () => desEncryptBlock(new Uint8Array(7), new Uint8Array(8))],
    ["a block of 9 bytes", () => desDecryptBlock(new Uint8Array(8), new Uint8Array(9))],
    ["data that is no whole blocks", () => tripleDesCbcEncrypt(new Uint8Array(16), new Uint8Array(9))],
    ["a triple key of 24 bytes", () => tripleDesEcbEncrypt(new Uint8Array(24), new Uint8Array(8))],
  ])("refuses %s", (_name, work) => {
    expect(work).toThrow(expect.objectContaining({ code: "WRONG_LENGTH" }));
  });
});
