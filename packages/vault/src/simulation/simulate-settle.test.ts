import { describe, expect, it } from "@jest/globals";
import {
  addressOfKey,
  concatBytes,
  createSigner,
  digestOf,
  encodeDomain,
  signatureParity,
  toAddress,
  toHex,
} from "@tallystick/protocol";
import { type BatchVoucher, buildBatchPayload } from "../payload/batch-payload.ts";
import { decodeResultBitmap } from "../payload/result-bitmap.ts";
import { decodeSettlePayload } from "../payload/settle-payload.ts";
import { VaultState } from "../state/vault-state.ts";
import { estimateSettleGas } from "./settle-gas.ts";
import { settleWork } from "./settle-work.ts";
import { simulateSettle, type SkipReason } from "./simulate-settle.ts";

const domain = { chainId: 31_337n, vault: toAddress(new Uint8Array(20).fill(0x51)) };
const payee = toAddress(new Uint8Array(20).fill(0x91));
const other = toAddress(new Uint8Array(20).fill(0x92));
const zero = new Uint8Array(20);
const signer = createSigner(new Uint8Array(32).fill(7));
const card = addressOfKey(signer.publicKey);
const context = new Uint8Array(20).fill(0xc0);
const roots = { batchRoot: new Uint8Array(32).fill(1), ledgerRoot: new Uint8Array(32).fill(2) };

/** A voucher that the card signed, with changes made to it afterwards. */
async function voucher(counter: number, amount = 5n, to: Uint8Array = payee): Promise<BatchVoucher> {
  const head = new Uint8Array(10);
  const view = new DataView(head.buffer);
  view.setUint32(0, counter);
  view.setUint16(4, Number(amount >> 32n));
  view.setUint32(6, Number(amount & 0xffff_ffffn));
  const tag = new TextEncoder().encode("TLY1");
  const digest = digestOf(concatBytes(tag, encodeDomain(domain), to, head, context));
  const signature = await signer.sign(digest);
  return {
    card,
    payee: to,
    counter,
    amount,
    context,
    signature,
    parity: signatureParity(signature, digest, signer.publicKey),
  };
}

/** A state in which the card holds so much and has paid these counters. */
function stateOf(balance: bigint, used: readonly number[] = [], paid = 0n): VaultState {
  const state = new VaultState();
  state.apply({ kind: "opened", card, owner: payee });
  state.apply({ kind: "funded", card, from: payee, units: balance });
  for (const counter of used) state.apply({ kind: "released", card, counter } as never);
  state.editCard(card).paid = paid;
  return state;
}

function simulate(state: VaultState, vouchers: readonly BatchVoucher[], gapWordsAnItem?: number) {
  const { payload, order } = buildBatchPayload({ ...roots, vouchers });
  const options = gapWordsAnItem === undefined ? {} : { gapWordsAnItem };
  const simulated = simulateSettle({ state, domain, payload, ...options });
  return { payload, order, simulated, reasons: simulated.items.map(({ skipped }) => skipped) };
}

/** A payload's bytes with the number of its first item changed at a place. */
function changed(payload: Uint8Array, at: number, bytes: readonly number[]): Uint8Array {
  const made = payload.slice();
  made.set(bytes, at);
  return made;
}

/** Where a payload of one payee holds its only payee, and its first item. */
const PAYEE_AT = 66;
const ITEM_AT = PAYEE_AT + 20 + 24;

describe("what settle would do", () => {
  it("moves a paid voucher's units to its payee, and leaves the state that it began with", async () => {
    const state = stateOf(8n);
    const { simulated } = simulate(state, [await voucher(1), await voucher(2, 3n, other)]);
    expect(decodeResultBitmap(simulated.result, 2)).toEqual([true, true]);
    const { after } = simulated;
    expect(after.card(card)).toMatchObject({ balance: 0n, paid: 8n });
    expect([after.merchant(payee).earned, after.merchant(other).earned]).toEqual([5n, 3n]);
    expect(after.card(card)?.counters.isUsed(2)).toBe(true);
    expect(state.card(card)).toMatchObject({ balance: 8n, paid: 0n });
    expect(state.merchant(payee).earned).toBe(0n);
  });

  it("carries an amount of six bytes", async () => {
    const amount = (1n << 40n) + 1n;
    expect(simulate(stateOf(amount), [await voucher(1, amount)]).reasons).toEqual([null]);
  });

  it("names why it skips an item, in the order in which the vault looks", async () => {
    const one = await voucher(1);
    const { payload } = buildBatchPayload({ ...roots, vouchers: [one] });
    const reasonOf = (bytes: Uint8Array, state: VaultState): SkipReason | null | undefined =>
      simulateSettle({ state, domain, payload: bytes }).items[0]?.skipped;
    const zeroAmount = changed(payload, ITEM_AT + 4, [0, 0, 0, 0, 0, 0]);
    expect(reasonOf(changed(zeroAmount, PAYEE_AT, [...zero]), stateOf(0n, [1]))).toBe("ZERO_PAYEE");
    expect(reasonOf(changed(zeroAmount, ITEM_AT, [0, 0, 0, 0]), stateOf(0n))).toBe("ZERO_AMOUNT");
    expect(reasonOf(changed(payload, ITEM_AT, [0, 0, 0, 0]), stateOf(0n))).toBe("ZERO_COUNTER");
    expect(reasonOf(payload, stateOf(0n, [1]))).toBe("COUNTER_USED");
    expect(reasonOf(payload, stateOf(4n, [], (1n << 48n) - 5n))).toBe("BALANCE_TOO_LOW");
    expect(reasonOf(payload, new VaultState())).toBe("BALANCE_TOO_LOW");
    expect(reasonOf(payload, stateOf(5n, [], (1n << 48n) - 5n))).toBe("PAID_OVERFLOW");
    expect(reasonOf(payload, stateOf(5n, [], (1n << 48n) - 6n))).toBeNull();
    expect(reasonOf(changed(payload, ITEM_AT + 9, [4]), stateOf(5n))).toBe("WRONG_SIGNATURE");
    expect(reasonOf(payload, stateOf(5n))).toBeNull();
  });

  it("is asked to advance first where more gap words lie before a counter than one item may write", async () => {
    const far = await voucher(1_000);
    expect(simulate(stateOf(5n), [far]).reasons).toEqual(["ADVANCE_NEEDED"]);
    const any = simulate(stateOf(5n), [far], 64);
    expect(any.reasons).toEqual([null]);
    expect(any.simulated.items[0]).toMatchObject({ gapWords: 4, late: false });
    // A skipped item writes no gap word.
    expect(simulate(stateOf(0n), [await voucher(400)]).simulated.items[0]).toMatchObject({ gapWords: 0 });
    expect(simulate(stateOf(5n), [await voucher(400)]).simulated.items[0]).toMatchObject({
      skipped: null,
      gapWords: 2,
    });
  });

  it("pays a counter behind the window late, out of its gap word, once", async () => {
    const state = stateOf(20n);
    const { simulated } = simulate(state, [await voucher(300), await voucher(2)]);
    expect(simulated.items.map(({ skipped, late }) => [skipped, late])).toEqual([
      [null, false],
      [null, true],
    ]);
    expect(simulate(simulated.after, [await voucher(2)]).reasons).toEqual(["COUNTER_USED"]);
    expect(simulate(simulated.after, [await voucher(3)]).simulated.items[0]).toMatchObject({
      skipped: null,
      late: true,
    });
  });

  it("does not take what was signed for another vault", async () => {
    const { payload } = buildBatchPayload({ ...roots, vouchers: [await voucher(1)] });
    const elsewhere = { ...domain, chainId: 1n };
    const { items } = simulateSettle({ state: stateOf(5n), domain: elsewhere, payload });
    expect(items[0]?.skipped).toBe("WRONG_SIGNATURE");
  });
});

describe("a batch", () => {
  it("has one group for each card and payee, and says which voucher each item was", async () => {
    const vouchers = [await voucher(1), await voucher(2, 5n, other), await voucher(3), await voucher(4, 5n, other)];
    const { payload, order } = buildBatchPayload({ ...roots, vouchers });
    expect(order).toEqual([0, 2, 1, 3]);
    const { groups, ...rest } = decodeSettlePayload(payload);
    expect(rest).toEqual(roots);
    const seen = groups.map((group) => [
      ...[toHex(group.payee), toHex(group.card)],
      group.vouchers.map(({ counter }) => counter),
    ]);
    expect(seen).toEqual([
      [toHex(payee), toHex(card), [1, 3]],
      [toHex(other), toHex(card), [2, 4]],
    ]);
  });

  it("keeps two cards of one payee apart", async () => {
    const one = await voucher(1);
    const { order } = buildBatchPayload({ ...roots, vouchers: [one, { ...one, card: other }, await voucher(2)] });
    expect(order).toEqual([0, 2, 1]);
  });
});

/**
 * Each with how often settling takes which way of the code, and the gas of storage, precompiles, memory and event; both are held
 * to the chain in test/settle-gas.test.ts and test/three-ways.test.ts.
 */
describe("the work of settling", () => {
  function measure(state: VaultState, vouchers: readonly BatchVoucher[], change = (made: Uint8Array) => made) {
    const payload = change(buildBatchPayload({ ...roots, vouchers }).payload);
    const simulated = simulateSettle({ state, domain, payload });
    const { known, ways } = settleWork(payload, simulated, state);
    const counted = [...ways].filter(([, times]) => times > 0).map(([way, times]) => `${way} ${times}`);
    return { known, ways: counted.join(", "), gas: estimateSettleGas(payload, simulated, state) };
  }

  const paidBefore = () => {
    const state = stateOf(1_000n);
    state.pay({ card, payee, counter: 1, amount: 1n });
    return state;
  };
  const two = async () => [await voucher(1), await voucher(2)];
  const three = async () => [...(await two()), await voucher(3, 5n, other)];
  const forged = async () => [{ ...(await voucher(1)), amount: 6n }, await voucher(2)];
  const zeroPayee = (made: Uint8Array) => changed(made, PAYEE_AT, [...zero]);
  const work: Record<string, () => Promise<ReturnType<typeof measure>>> = {
    one: async () => measure(stateOf(5n), [await voucher(1)]),
    again: async () => measure(paidBefore(), [await voucher(2)]),
    "two payees": async () => measure(stateOf(50n), await three()),
    uncovered: async () => measure(stateOf(5n), await two()),
    used: async () => measure(stateOf(50n, [1]), await two()),
    far: async () => measure(stateOf(50n), [await voucher(400)]),
    "too far": async () => measure(stateOf(50n), [await voucher(1_000)]),
    late: async () => measure(simulate(stateOf(50n), [await voucher(300)]).simulated.after, [await voucher(2)]),
    rich: async () => measure(stateOf(1n << 47n), [await voucher(1)]),
    forged: async () => measure(stateOf(50n), await forged()),
    "zero payee": async () => measure(stateOf(50n), await two(), zeroPayee),
    "counted past": async () => measure(stateOf(5n), [await voucher(1), await voucher(2, 9n, other)]),
  };

  it.each<readonly [string, number, bigint, string]>([
    ["one", 33_975, 64_581n, "call 1, payee 1, group 1, item 1, credit 1"],
    ["again", 16_875, 47_493n, "call 1, payee 1, group 1, item 1, credit 1"],
    ["two payees", 62_956, 98_846n, "call 1, payee 2, group 2, item 3, credit 2"],
    ["uncovered", 37_408, 72_107n, "call 1, payee 1, group 1, item 2, plainGroup 1, uncovered 1, credit 1"],
    [
      ...(["used", 39_508, 77_408n] as const),
      "call 1, payee 1, group 1, item 1, plainGroup 1, used 1, ahead 1, signature 1, mark 1, credit 1",
    ],
    [
      ...(["far", 81_571, 122_222n] as const),
      "call 1, payee 1, group 1, item 1, plainGroup 1, ahead 1, look 2, signature 1, slide 2, mark 1, credit 1",
    ],
    ["too far", 11_975, 49_490n, "call 1, payee 1, group 1, item 1, plainGroup 1, ahead 1, look 3"],
    [
      ...(["late", 25_371, 59_425n] as const),
      "call 1, payee 1, group 1, item 1, plainGroup 1, behind 1, signature 1, late 1, credit 1",
    ],
    ["rich", 34_075, 68_827n, "call 1, payee 1, group 1, plainGroup 1, ahead 1, signature 1, mark 1, credit 1"],
    [
      ...(["forged", 40_704, 79_690n] as const),
      "call 1, payee 1, group 1, item 1, plainGroup 1, ahead 2, signature 2, mark 1, credit 1",
    ],
    ["zero payee", 6_208, 43_637n, "call 1, payee 1, plainGroup 1, readGroup 1, ahead 2, signature 2"],
    [
      ...(["counted past", 37_623, 74_455n] as const),
      "call 1, payee 2, group 2, item 2, plainGroup 1, countedGroup 1, uncovered 1, credit 1",
    ],
  ])("of %s is %i gas beside its code, and %p in all", async (name, known, gas, ways) => {
    expect(await work[name]?.()).toEqual({ known, gas, ways });
  });
});
