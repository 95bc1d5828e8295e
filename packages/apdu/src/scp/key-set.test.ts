import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex } from "../iso7816/bytes.ts";
import { aesCmac } from "../crypto/aes.ts";
import { deriveKdf3KeySet, kdf3, kdf3KeySet } from "./diversify-kdf3.ts";
import { scp03Kdf } from "./kdf.ts";
import { aesKeyCheckValue, createKeySet } from "./key-set.ts";

describe("kdf3", () => {
  it("derives the key of GlobalPlatformPro's TestSCP03.testKDF3", () => {
    const master = bytesFromHex("8C72C72CF908411653018807950D82FBAD947562F0828A0B10B8B9606ABF3BCD");
    const kdd = bytesFromHex("D9B1DE5D0362DEDCE4FB");
    expect(bytesToHex(kdf3(master, "enc", kdd))).toBe(
      "9AAC5D0B3601F89438A0D9D0B6B256CFB47E6462DFA5228D3420C4AC7C224781",
    );
  });
  it("gives three different keys for each card", () => {
    const keys = kdf3KeySet(new Uint8Array(16).fill(7), { version: 1, diversificationData: new Uint8Array(10) });
    const other = kdf3KeySet(new Uint8Array(16).fill(7), {
      version: 1,
      diversificationData: new Uint8Array(10).fill(1),
    });
    expect(new Set([keys.enc, keys.mac, keys.dek, other.enc, other.mac, other.dek].map(bytesToHex)).size).toBe(6);
  });
  it.each([16, 24, 32])("derives the same where the master key of %i bytes only answers CMACs", async (bytes) => {
    const master = Uint8Array.from({ length: bytes }, (_value, index) => index);
    const card = { version: 0x30, diversificationData: bytesFromHex("D9B1DE5D0362DEDCE4FB") };
    const held = { bytes, cmac: async (message: Uint8Array) => aesCmac(master, message) };
    const [derived, known] = [await deriveKdf3KeySet(held, card), kdf3KeySet(master, card)];
    expect([derived.enc, derived.mac, derived.dek].map(bytesToHex)).toEqual(
      [known.enc, known.mac, known.dek].map(bytesToHex),
    );
    expect(derived.version).toBe(0x30);
    await expect(deriveKdf3KeySet(held, { ...card, diversificationData: new Uint8Array(9) })).rejects.toMatchObject({
      code: "WRONG_LENGTH",
    });
  });
  it("refuses other lengths", () => {
    expect(() => kdf3(new Uint8Array(16), "enc", new Uint8Array(9))).toThrow(
      expect.objectContaining({ code: "WRONG_LENGTH" }),
    );
    expect(() => kdf3(new Uint8Array(17), "enc", new Uint8Array(10))).toThrow(
      expect.objectContaining({ code: "WRONG_LENGTH" }),
    );
  });
});

describe("SCP03's derivation", () => {
  // Session keys of the AES-128 session in Samsung/OpenSCP-Java.
  const context = bytesFromHex("06F85B77251BF794 9CE033FA78E6B10D");
  it.each([
    ["S-ENC", 0x04, "1D72CD9283FD55162722C6BEAA4DC187", "45AA38361C2D05306C4203B11A743AD9"],
    ["S-MAC", 0x06, "F4932BA02FFC3098D172790099D28382", "30BA0D745A51F10D717A086C11EE1FA0"],
    ["S-RMAC", 0x07, "F4932BA02FFC3098D172790099D28382", "B72AF42E308A2E2CAAB8983CA7228778"],
  ])("of %s", (_name, constant, key, expected) => {
    expect(bytesToHex(scp03Kdf(bytesFromHex(key), { constant, context, length: 16 }))).toBe(expected);
  });
});

describe("a key set", () => {
  const key = new Uint8Array(16).fill(5);
  it("copies its keys and overwrites them when it is destroyed", () => {
    const source = key.slice();
    const keys = createKeySet({ version: 1, enc: source, mac: key, dek: key });
    source.fill(9);
    expect(keys.enc).toEqual(key);
    keys.destroy();
    expect([keys.enc, keys.mac, keys.dek]).toEqual(Array(3).fill(new Uint8Array(16)));
  });
  it.each([
    ["keys of different lengths", { version: 1, enc: key, mac: new Uint8Array(24), dek: key }, "WRONG_LENGTH"],
    [
      "keys of 8 bytes",
      { version: 1, enc: new Uint8Array(8), mac: new Uint8Array(8), dek: new Uint8Array(8) },
      "WRONG_LENGTH",
    ],
    ["version 256", { version: 256, enc: key, mac: key, dek: key }, "OUT_OF_RANGE"],
  ])("refuses %s", (_name, keys, code) => {
    expect(() => createKeySet(keys)).toThrow(expect.objectContaining({ code }));
  });
  it("has check values of three bytes", () => {
    // FIPS 197 appendix A key; AES of 16 × 01 computed with OpenSSL 3.
    expect(bytesToHex(aesKeyCheckValue(bytesFromHex("404142434445464748494A4B4C4D4E4F")))).toBe("504A77");
  });
});
