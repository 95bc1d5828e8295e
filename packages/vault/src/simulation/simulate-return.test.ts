import { describe, expect, it } from "@jest/globals";
import { SigningKey } from "ethers";
import {
  type Address,
  addressOfKey,
  concatBytes,
  digestOf,
  type Domain,
  encodeDomain,
  encodePayRequest,
  encodeRefundOrder,
  encodeReversal,
  encodeVoucherMessage,
  fromHex,
  parseAddress,
  uncompressKey,
  voucherId,
} from "@tallystick/protocol";
import {
  type RefundForRequest,
  type ReleaseForRequest,
  returnSentences,
  type SimulatedReturn,
  simulateRefundFor,
  simulateReleaseFor,
  VaultState,
} from "../index.ts";

const NOW = 1_790_000_000n;
const DAY = Number(NOW / 86_400n);
const LIMIT = 500n;
const domain: Domain = { chainId: 31_337n, vault: parseAddress(`0x${"ab".repeat(20)}`) };
const payee = parseAddress(`0x${"5a".repeat(20)}`);

interface TestKey {
  readonly signing: SigningKey;
  readonly compressed: Uint8Array;
  readonly address: Address;
}

function testKey(filler: number): TestKey {
  const signing = new SigningKey(new Uint8Array(32).fill(filler));
  const compressed = fromHex(signing.compressedPublicKey);
  return { signing, compressed, address: addressOfKey(compressed) };
}
const [card, other, delegate] = [testKey(1), testKey(2), testKey(3)];

function signed(bytes: Uint8Array, { signing }: TestKey) {
  const { r, yParityAndS } = signing.sign(digestOf(bytes));
  return { r: fromHex(r), vs: fromHex(yParityAndS) };
}

/** 1,000 units were paid by voucher 1 of an open card. */
function state(): VaultState {
  const made = new VaultState();
  made.apply({ kind: "opened", card: card.address, owner: payee });
  made.apply({ kind: "funded", card: card.address, from: payee, units: 10_000n });
  made.pay({ card: card.address, payee, counter: 1, amount: 1_000n });
  made.apply({ kind: "delegateSet", payee, delegate: delegate.address, unitsPerDay: LIMIT });
  return made;
}

const messageOf = (counter: number, amount: bigint) => ({
  ...{ domain, payee, counter, amount },
  context: new Uint8Array(20),
});

function refund(change: {
  readonly total?: bigint;
  readonly deadline?: number;
  readonly counter?: number;
  readonly key?: TestKey;
  readonly by?: TestKey;
  readonly state?: VaultState;
}): RefundForRequest {
  const { total = 300n, deadline = Number(NOW), counter = 1, key = card, by = delegate } = change;
  const message = messageOf(counter, 1_000n);
  const bytes = encodeVoucherMessage(message);
  const order = encodeRefundOrder({ domain, voucherId: voucherId(key.address, message), total, deadline });
  return {
    ...{ state: change.state ?? state(), domain, now: NOW, total, deadline },
    voucher: { message: bytes, ...signed(bytes, key) },
    order: signed(order, by),
  };
}

function release(change: {
  readonly counter?: number;
  readonly amount?: bigint;
  readonly reversed?: number;
  readonly keyInReversal?: TestKey;
  readonly by?: TestKey;
  readonly state?: VaultState;
}): ReleaseForRequest {
  const { counter = 2, amount = 100n, reversed = counter, keyInReversal = card, by = delegate } = change;
  const bytes = encodeVoucherMessage(messageOf(counter, amount));
  const request = {
    ...{ cardTag: new Uint8Array(8), counter: reversed, payee, amount, time: 0 },
    ...{ challenge: new Uint8Array(16), terminalId: new Uint8Array(8), category: 0 },
  };
  expect(encodePayRequest(request)).toHaveLength(67);
  const object = encodeReversal({ domain, cardKey: keyInReversal.compressed, request });
  return {
    ...{ state: change.state ?? state(), domain, now: NOW },
    voucher: { message: bytes, ...signed(bytes, card) },
    reversal: { object, ...signed(object, by) },
    y: uncompressKey(keyInReversal.compressed).slice(33),
  };
}

const refusalOf = ({ refused }: SimulatedReturn) => refused;
/** The state after some changes. */
function changed(change: (made: VaultState) => void): VaultState {
  const made = state();
  change(made);
  return made;
}
const flagged = changed((made) => {
  made.editCard(card.address).flagged = true;
});
const rich = changed((made) => {
  made.editCard(card.address).balance = (1n << 48n) - 1n;
});
const withdrawn = changed((made) => {
  made.editMerchant(payee).withdrawn = 701n;
});

describe("simulateRefundFor", () => {
  it("moves units from the payee's earnings to the card, and counts them", () => {
    const request = refund({});
    const made = simulateRefundFor(request);
    const id = voucherId(card.address, messageOf(1, 1_000n));
    expect(made).toMatchObject({ refused: null, units: 300n, delegate: delegate.address, voucherId: id });
    if (made.refused !== null) return;
    expect(made.after.card(card.address)).toMatchObject({ balance: 9_300n, paid: 1_000n });
    expect(made.after.merchant(payee)).toEqual({ earned: 1_000n, withdrawn: 300n });
    expect(made.after.returns.returned(id)).toBe(300n);
    expect(made.after.returns.usedOn({ payee, delegate: delegate.address }, DAY)).toBe(300n);
    expect(request.state.returns.returned(id)).toBe(0n);
    expect(refusalOf(simulateRefundFor(refund({ state: made.after })))).toBe("ALREADY_RETURNED");
    expect(simulateRefundFor(refund({ state: made.after, total: 500n }))).toMatchObject({ units: 200n });
    expect(refusalOf(simulateRefundFor(refund({ state: made.after, total: 501n })))).toBe("OVER_DAY_LIMIT");
    const tomorrow = { ...refund({ state: made.after, total: 800n, deadline: 0xffff_ffff }), now: NOW + 86_400n };
    expect(simulateRefundFor(tomorrow)).toMatchObject({ refused: null, units: 500n });
  });

  it.each([
    ["EXPIRED", refund({ deadline: Number(NOW) - 1 })],
    ["MORE_THAN_PAID", refund({ total: 1_001n })],
    ["NOT_OPEN", refund({ key: other })],
    ["FLAGGED", refund({ state: flagged })],
    ["OVERFLOW", refund({ state: rich })],
    ["COUNTER_UNUSED", refund({ counter: 2 })],
    ["TOO_LITTLE_EARNED", refund({ state: withdrawn })],
    ["NOT_DELEGATE", refund({ by: other })],
    ["OVER_DAY_LIMIT", refund({ total: 501n })],
    ["BAD_SIGNATURE", { ...refund({}), order: { r: new Uint8Array(32), vs: new Uint8Array(32) } }],
    ["BAD_SIGNATURE", { ...refund({}), voucher: { ...refund({}).voucher, r: new Uint8Array(32) } }],
    ["MALFORMED_MESSAGE", { ...refund({}), domain: { ...domain, chainId: 1n } }],
    ["ALREADY_RETURNED", { ...refund({}), total: 0n, order: refund({}).order }],
  ] as const)("refuses as the vault does: %s", (refused, request) => {
    expect(simulateRefundFor(request)).toEqual({ refused });
    expect(returnSentences[refused]).toMatch(/\.$/);
  });
});

describe("simulateReleaseFor", () => {
  it("uses the counter for nothing, and counts all of the voucher", () => {
    const made = simulateReleaseFor(release({}));
    expect(made).toMatchObject({ refused: null, units: 100n, delegate: delegate.address });
    if (made.refused !== null) return;
    expect(made.after.card(card.address)?.counters.isUsed(2)).toBe(true);
    expect(made.after.card(card.address)?.balance).toBe(9_000n);
    expect(made.after.returns.returned(made.voucherId)).toBe(100n);
    expect(refusalOf(simulateReleaseFor(release({ state: made.after })))).toBe("COUNTER_USED");
    expect(refusalOf(simulateReleaseFor(release({ state: made.after, counter: 3, amount: 401n })))).toBe(
      "OVER_DAY_LIMIT",
    );
  });

  it("takes a flagged card's voucher, as the payee's own release does", () => {
    expect(refusalOf(simulateReleaseFor(release({ state: flagged })))).toBeNull();
  });

  it("needs the window to come to the counter, save in the reference vault", () => {
    expect(refusalOf(simulateReleaseFor(release({ counter: 3_000 })))).toBe("ADVANCE_NEEDED");
    expect(refusalOf(simulateReleaseFor({ ...release({ counter: 3_000 }), gapWordsAnItem: 64 }))).toBeNull();
  });

  const good = release({});
  const otherPrefix = good.reversal.object.slice();
  otherPrefix[32] = (otherPrefix[32] ?? 0) ^ 1;
  it.each([
    ["OTHER_VOUCHER", release({ reversed: 3 })],
    ["OTHER_VOUCHER", release({ keyInReversal: other })],
    ["OTHER_VOUCHER", { ...good, y: new Uint8Array(32).fill(1) }],
    ["OTHER_VOUCHER", { ...good, reversal: { ...good.reversal, object: otherPrefix } }],
    ["MALFORMED_MESSAGE", { ...good, reversal: { ...good.reversal, object: concatBytes(otherPrefix, otherPrefix) } }],
    ["MALFORMED_MESSAGE", { ...good, voucher: { ...good.voucher, message: encodeDomain(domain) } }],
    ["COUNTER_USED", release({ counter: 1 })],
    ["NOT_OPEN", release({ state: new VaultState() })],
    ["NOT_DELEGATE", release({ by: other })],
    ["OVER_DAY_LIMIT", release({ amount: LIMIT + 1n })],
    ["BAD_SIGNATURE", { ...good, reversal: { ...good.reversal, vs: new Uint8Array(32) } }],
  ] as const)("refuses as the vault does: %s", (refused, request) => {
    expect(simulateReleaseFor(request)).toEqual({ refused });
  });
});
