import { describe, expect, it } from "@jest/globals";
import { toAddress } from "@tallystick/protocol";
import { settleAccessList } from "./access-list.ts";
import { VaultError } from "../errors.ts";
import { encodeSettlePayload } from "../payload/settle-payload.ts";
import { settleCall, withdrawCall } from "../calls/vault-calls.ts";

const vault = toAddress(new Uint8Array(20).fill(0xaa));
const cardOf = (index: number) => toAddress(new Uint8Array(20).fill(0x11).fill(index, 19));
const payee = toAddress(new Uint8Array(20).fill(0xbb));
const root = new Uint8Array(32);
// A signature's form is all that counts here: r = s = 1.
const signature = new Uint8Array(64).fill(1, 31, 32).fill(1, 63);

/** A payload of so many cards with one voucher each, and one more group of the first card. */
function callFor(cards: number): Uint8Array {
  const voucher = (counter: number) => ({
    ...{ counter, amount: 1n, context: new Uint8Array(20), signature },
    parity: 0 as const,
  });
  const groups = Array.from({ length: cards }, (_, index) => ({ payee, card: cardOf(index), vouchers: [voucher(1)] }));
  const again = { payee, card: cardOf(0), vouchers: [voucher(2), voucher(3)] };
  return settleCall(encodeSettlePayload({ batchRoot: root, ledgerRoot: root, groups: [...groups, again] }));
}

describe("settleAccessList", () => {
  it("names each card's word once, from the number of cards on at which that is cheaper", () => {
    expect(settleAccessList(vault, callFor(24))).toEqual([]);
    const [entry, ...others] = settleAccessList(vault, callFor(25));
    expect(others).toEqual([]);
    expect(entry?.address).toEqual(vault);
    expect(entry?.storageKeys).toHaveLength(25);
    expect(entry?.storageKeys[24]).toEqual(new Uint8Array([...new Uint8Array(12), ...cardOf(24)]));
  });

  it("is empty for other calls, and refuses a payload as the vault does", () => {
    expect(settleAccessList(vault, withdrawCall(payee))).toEqual([]);
    const torn = settleCall(new Uint8Array(65));
    expect(() => settleAccessList(vault, torn)).toThrow(VaultError);
  });
});
