import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { digestOf, encodeStateProof, signatureParity, toHex, withParity } from "@tallystick/protocol";
import { encodeVaultCall } from "@tallystick/vault";
import { eventually } from "./harness/eventually.ts";
import { fundedCard } from "./harness/issued.ts";
import { ReturnHarness } from "./harness/return-harness.ts";

const DELAY_SECONDS = 16 * 86_400;

describe("a void", () => {
  let harness: ReturnHarness;

  beforeAll(async () => {
    harness = await ReturnHarness.create("PackedVault");
  });
  afterAll(async () => {
    await harness.stop();
  });

  it("gives a lost payment's worth back when it is final, and the issuer bears the voucher if it comes after all", async () => {
    const { settlement, service } = harness;
    const card = await fundedCard(settlement, service, "10.00");
    const lost = await harness.pay(card, 2_000_000n);
    const state = await card.prove();
    const proof = encodeStateProof(state.proof);
    const parity = signatureParity(state.signature, digestOf(proof), state.cardKey);
    const marked = withParity(state.signature, parity);
    const owner = settlement.treasury;
    await settlement.sendAs(
      owner,
      encodeVaultCall("requestVoid", [card.address, 1n, proof, marked.slice(0, 32), marked.slice(32)]),
    );
    await settlement.rpc("evm_increaseTime", [DELAY_SECONDS]);
    await settlement.mine(1);
    const execute = () => settlement.sendAs(owner, encodeVaultCall("executeVoid", [card.address, 1n]));

    // What the void is worth nobody knows before the card's state is shown.
    await harness.overTheBoundary(card, execute, "voided");
    expect(await harness.bound(card)).toBe("10000000");
    await harness.send({ stateProofs: [state] });
    expect(await harness.bound(card)).toBe("12000000");
    await eventually(
      () => harness.allowance(card),
      ({ maxSpent }) => maxSpent === 12_000_000n,
    );

    await harness.send({ vouchers: [lost] });
    const seen = await harness.becomes(lost, { state: "compensated" });
    expect(seen).toMatchObject({ reversed: false, owes: null, refunded: "0.00" });
    const { returns } = await harness.listReturns();
    expect(returns).toEqual([
      expect.objectContaining({ kind: "voided", final: true, card: toHex(card.address), amount: null, vouchers: [] }),
    ]);
    await eventually(
      () => service.platform.contract.card(card.address, "finalized"),
      ({ balance }) => balance === 10_000_000n,
    );
    await harness.balanced();
  });
});
