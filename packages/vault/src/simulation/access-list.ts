import { type Address, toHex } from "@tallystick/protocol";
import { decodeVaultCall } from "../abi/contract-calls.ts";
import { readPayloadItems } from "../payload/payload-items.ts";

/** An account and its storage words that a transaction names beforehand (EIP-2930); each key 32 bytes. */
export interface AccessListEntry {
  readonly address: Uint8Array;
  readonly storageKeys: readonly Uint8Array[];
}

/** Gas of naming an account and a word (EIP-2930), and what a word that is named costs less when it is first read (EIP-2929). */
const NAMED_ACCOUNT = 2_400;
const NAMED_WORD = 1_900;
const WORD_GAIN = 2_000;

/**
 * The access list with which a call of the packed vault's `settle` costs least: the words of its cards, which stand at the cards'
 * addresses (spec §7.7). Empty where naming them costs more than it saves, which is below 25 cards, and for any other call.
 * Throws VaultError MALFORMED_PAYLOAD where the vault would revert.
 */
export function settleAccessList(vault: Address, calldata: Uint8Array): readonly AccessListEntry[] {
  const payload = decodeVaultCall("settle", calldata)?.values["payload"];
  if (!(payload instanceof Uint8Array)) return [];
  const cards = new Map(readPayloadItems(payload).map(({ card }) => [toHex(card), card]));
  if (cards.size * (WORD_GAIN - NAMED_WORD) <= NAMED_ACCOUNT) return [];
  return [{ address: vault, storageKeys: [...cards.values()].map(wordOf) }];
}

function wordOf(card: Uint8Array): Uint8Array {
  const key = new Uint8Array(32);
  key.set(card, 12);
  return key;
}
