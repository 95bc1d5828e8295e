import { describe, expect, it } from "@jest/globals";
import { lowerAccount, lowerAddress, LowerAddresses } from "./path-values.ts";

// EIP-55's own examples.
const ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const LOWER = ADDRESS.toLowerCase();
const WRONG = ADDRESS.replace("aA", "Aa");
const refusal = expect.objectContaining({ code: "ADDRESS_CHECKSUM" });

describe("an address as wallets show it", () => {
  it("is one and the same in each of its spellings", () => {
    for (const text of [ADDRESS, LOWER, `0x${LOWER.slice(2).toUpperCase()}`]) expect(lowerAddress(text)).toBe(LOWER);
  });

  it("is refused where a capital stands wrong: a digit may be wrong too", () => {
    expect(() => lowerAddress(WRONG)).toThrow(refusal);
    expect(() => lowerAccount(`owed:${WRONG}`)).toThrow(refusal);
  });

  it.each(["", "0x", "treasury", ADDRESS.slice(0, -1), `${ADDRESS}0`, `0X${ADDRESS.slice(2)}`, "0xABCDEF0123456789"])(
    "is nothing else: %s stays as it is",
    (text) => {
      expect([lowerAddress(text), lowerAccount(text)]).toEqual([text, text]);
    },
  );

  it("is also lowered in an account's name, and in nothing else of it", () => {
    expect(lowerAccount(`owed:${ADDRESS}`)).toBe(`owed:${LOWER}`);
    expect(lowerAccount(`gas-spent:A:${ADDRESS}`)).toBe(`gas-spent:A:${ADDRESS}`);
  });

  it("is lowered in a path alone", () => {
    const pipe = new LowerAddresses();
    expect(pipe.transform(ADDRESS, { type: "param" })).toBe(LOWER);
    for (const type of ["body", "query", "custom"] as const) expect(pipe.transform(ADDRESS, { type })).toBe(ADDRESS);
    expect(pipe.transform(7, { type: "param" })).toBe(7);
  });
});
