import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex } from "../iso7816/bytes.ts";
import { aesCbcDecrypt, aesCbcEncrypt, aesCmac, aesEncryptBlock, pad80, unpad80 } from "./aes.ts";

// RFC 4493 §4, test vectors 1 to 4.
const RFC_KEY = bytesFromHex("2b7e151628aed2a6abf7158809cf4f3c");
const RFC_MESSAGE = bytesFromHex(
  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
);

describe("AES-CMAC", () => {
  it.each([
    [0, "BB1D6929E95937287FA37D129B756746"],
    [16, "070A16B46B4D4144F79BDD9DD04A287C"],
    [40, "DFA66747DE9AE63030CA32611497C827"],
    [64, "51F0BEBF7E3B9D92FC49741779363CFE"],
  ])("of the first %i bytes of RFC 4493's message", (length, expected) => {
    expect(bytesToHex(aesCmac(RFC_KEY, RFC_MESSAGE.slice(0, length)))).toBe(expected);
  });

  it("refuses a key of another length", () => {
    expect(() => aesCmac(new Uint8Array(15), RFC_MESSAGE)).toThrow(expect.objectContaining({ code: "WRONG_LENGTH" }));
  });
});

describe("AES without padding", () => {
  // NIST SP 800-38A F.1.1 and F.2.1, first blocks.
  it("enciphers one block as NIST SP 800-38A F.1.1", () => {
    expect(bytesToHex(aesEncryptBlock(RFC_KEY, RFC_MESSAGE.slice(0, 16)))).toBe("3AD77BB40D7A3660A89ECAF32466EF97");
  });
  it("enciphers and deciphers in CBC as NIST SP 800-38A F.2.1", () => {
    const iv = bytesFromHex("000102030405060708090a0b0c0d0e0f");
    const encrypted = aesCbcEncrypt(RFC_KEY, iv, RFC_MESSAGE.slice(0, 32));
    expect(bytesToHex(encrypted)).toBe("7649ABAC8119B246CEE98E9B12E9197D5086CB9B507219EE95DB113A917678B2");
    expect(aesCbcDecrypt(RFC_KEY, iv, encrypted)).toEqual(RFC_MESSAGE.slice(0, 32));
  });
});

describe("padding with 80", () => {
  it.each([
    ["", "80000000000000000000000000000000"],
    ["4F00", "4F008000000000000000000000000000"],
    ["00".repeat(15), `${"00".repeat(15)}80`],
    ["00".repeat(16), `${"00".repeat(16)}80${"00".repeat(15)}`],
  ])("of %s", (plain, padded) => {
    expect(bytesToHex(pad80(bytesFromHex(plain), 16))).toBe(padded);
    expect(bytesToHex(unpad80(bytesFromHex(padded)))).toBe(plain);
  });
  it.each(["", "00", "0000", "81", "8001", "7F00"])("is not found in %s", (bytes) => {
    expect(() => unpad80(bytesFromHex(bytes))).toThrow(expect.objectContaining({ code: "RESPONSE_PADDING" }));
  });
});
