import { randomBytes } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import {
  addressOfKey,
  createSigner,
  digestOf,
  encodeVoucherMessage,
  signatureParity,
  toAddress,
  type Domain,
} from "@tallystick/protocol";
import { VaultState } from "@tallystick/vault";
import { createNativeEngine } from "../../foundation/keys/signature-engine.ts";
import { cardRecovery } from "./card-recovery.ts";
import { planBatch, type BatchPlan, type Candidate } from "./plan-batch.ts";

const domain: Domain = { chainId: 31_337n, vault: toAddress(Buffer.alloc(20, 7)) };
const merchant = toAddress(Buffer.alloc(20, 0x51));
const PLENTY = 14_000_000n;

const cards: { card: Uint8Array; card_key: Uint8Array }[] = [];

class Card {
  readonly signer = createSigner(randomBytes(32));
  readonly address = addressOfKey(this.signer.publicKey);

  constructor() {
    cards.push({ card: this.address, card_key: this.signer.publicKey });
  }

  async pay(counter: number, amount: bigint, change: Partial<Candidate> = {}): Promise<Candidate> {
    const payee = toAddress(change.payee ?? merchant);
    const context = Buffer.alloc(20, counter);
    const digest = digestOf(encodeVoucherMessage({ domain, payee, counter, amount, context }));
    const signature = await this.signer.sign(digest);
    const parity = signatureParity(signature, digest, this.signer.publicKey) ?? 0;
    return { card: this.address, payee, counter, amount, context, signature, parity, insisted: false, ...change };
  }
}

function stateWith(...cards: readonly (readonly [Card, bigint])[]): VaultState {
  const state = new VaultState();
  for (const [{ address }, balance] of cards) state.editCard(address).balance = balance;
  return state;
}

function plan(state: VaultState, candidates: readonly Candidate[], maxGas = PLENTY): BatchPlan {
  const recover = cardRecovery(createNativeEngine(), cards);
  return planBatch({ state, domain, candidates, maxGas, recover });
}

describe("a batch is planned on what the vault would do", () => {
  it("leaves out what a card cannot cover, and takes what it covers, in the order in which they came", async () => {
    const [card, other] = [new Card(), new Card()];
    const candidates = [
      await card.pay(1, 60n),
      await card.pay(2, 50n),
      await other.pay(1, 5n),
      await card.pay(3, 40n),
      await card.pay(4, 1n),
    ];
    const planned = plan(stateWith([card, 100n], [other, 100n]), candidates);
    expect(planned).toMatchObject({
      chosen: [0, 2, 3],
      leftOut: [
        { candidate: 1, reason: "BALANCE_TOO_LOW" },
        { candidate: 4, reason: "BALANCE_TOO_LOW" },
      ],
      advances: [],
    });
  });

  it("leaves out used counters, foreign signatures and cards that nobody opened", async () => {
    const [card, unknown] = [new Card(), new Card()];
    const state = stateWith([card, 100n]);
    state.editCard(card.address).counters.mark(1);
    const foreign = { ...(await card.pay(3, 1n)), amount: 2n };
    const candidates = [await card.pay(1, 1n), await unknown.pay(1, 1n), foreign, await card.pay(2, 1n)];
    expect(plan(state, candidates)).toMatchObject({
      chosen: [3],
      leftOut: [
        { candidate: 0, reason: "COUNTER_USED" },
        { candidate: 1, reason: "BALANCE_TOO_LOW" },
        { candidate: 2, reason: "WRONG_SIGNATURE" },
      ],
    });
  });

  it("takes an insisted voucher whatever the simulation shows", async () => {
    const card = new Card();
    const candidates = [await card.pay(1, 5n, { insisted: true }), await card.pay(2, 5n)];
    expect(plan(stateWith([card, 0n]), candidates)).toMatchObject({
      chosen: [0],
      leftOut: [{ candidate: 1, reason: "BALANCE_TOO_LOW" }],
    });
  });

  it("plans an advance for what lies more than two words ahead, one after another for one card", async () => {
    const [card, other] = [new Card(), new Card()];
    const candidates = [
      await card.pay(1_000, 1n),
      await card.pay(631, 1n),
      await other.pay(900, 1n),
      await card.pay(2_000, 1n),
    ];
    const planned = plan(stateWith([card, 10n], [other, 10n]), candidates);
    expect(planned).toMatchObject({ chosen: [0, 1, 2, 3], leftOut: [] });
    expect(planned.advances).toEqual([
      { candidate: 0, words: 4, after: null },
      { candidate: 3, words: 5, after: 0 },
      { candidate: 2, words: 4, after: null },
    ]);
  });

  it("leaves out what lies further ahead than it may advance, and needs none for what two words reach", async () => {
    const card = new Card();
    // Eight words hold the counters up to 2047.
    const candidates = [await card.pay(120 + 2_047, 1n), await card.pay(120 + 511, 1n)];
    expect(plan(stateWith([card, 10n]), candidates)).toMatchObject({
      chosen: [0, 1],
      leftOut: [],
      advances: [{ candidate: 0, words: 8, after: null }],
    });
    const further = [await card.pay(120 + 2_048, 1n), await card.pay(120 + 511, 1n)];
    expect(plan(stateWith([card, 10n]), further)).toMatchObject({
      chosen: [1],
      leftOut: [{ candidate: 0, reason: "ADVANCE_NEEDED" }],
      advances: [],
    });
  });

  it("takes as many as the gas allows, the first ones, and one at least", async () => {
    const card = new Card();
    const candidates: Candidate[] = [];
    for (let counter = 1; counter <= 60; counter += 1) candidates.push(await card.pay(counter, 1n));
    const state = stateWith([card, 1_000n]);
    const bounded = plan(state, candidates, 200_000n);
    expect(bounded.gasEstimate).toBeLessThanOrEqual(200_000n);
    expect(bounded.chosen).toEqual(Array.from({ length: bounded.chosen.length }, (_, place) => place));
    expect(bounded.leftOut).toEqual([]);
    // One more would not fit.
    const first = candidates.slice(0, bounded.chosen.length + 1);
    expect(plan(state, first).gasEstimate).toBeGreaterThan(200_000n);
    expect(plan(state, candidates, 1n).chosen).toEqual([0]);
    expect(plan(state, candidates).chosen).toHaveLength(60);
  });

  it("forgets the advance of a card of which nothing fits", async () => {
    const [card, far] = [new Card(), new Card()];
    const candidates = [await card.pay(1, 1n), await far.pay(900, 1n)];
    const state = stateWith([card, 10n], [far, 10n]);
    expect(plan(state, candidates).advances).toHaveLength(1);
    expect(plan(state, candidates, 1n)).toMatchObject({ chosen: [0], advances: [] });
  });

  it("plans nothing out of nothing", () => {
    expect(plan(new VaultState(), [])).toEqual({ chosen: [], leftOut: [], advances: [], gasEstimate: 0n });
  });
});
