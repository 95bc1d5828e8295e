import { keccak_256 } from "@noble/hashes/sha3.js";
import { expect, it } from "@jest/globals";
import { vaultTopics } from "./vault-events.ts";

it("finds the vault's events by the hashes of their signatures", () => {
  const hash = (signature: string) => keccak_256(new TextEncoder().encode(signature));
  expect(vaultTopics(["Voided"])).toEqual([hash("Voided(address,uint32)")]);
  expect(vaultTopics(["Voided", "WithdrawalCancelled"])).toHaveLength(2);
  expect(vaultTopics([])).toEqual([]);
});
