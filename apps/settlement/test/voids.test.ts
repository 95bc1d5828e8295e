import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { digestOf, encodeStateProof, signatureParity, toHex, withParity } from "@tallystick/protocol";
import { encodeVaultCall } from "@tallystick/vault";
import { GiveBackWorld } from "./harness/return-harness.ts";
import { eventually, fundedCard } from "./harness/settlement-harness.ts";

const DELAY_SECONDS = 16 * 86_400;

describe.each(["ReferenceVault", "PackedVault"])("a void through %s", (vault) => {
  let shopping: GiveBackWorld;

  beforeAll(async () => {
    shopping = await GiveBackWorld.create(vault);
  });
  afterAll(async () => {
    await shopping.stop();
  });

  it("gives a lost payment's worth back when it is final, and the issuer bears it should the voucher come after all", async () => {
    const { world, service } = shopping;
    const card = await fundedCard(world, service, "10.00");
    const lost = await shopping.pay(card, 2_000_000n);
    const state = await card.prove();
    const proof = encodeStateProof(state.proof);
    const parity = signatureParity(state.signature, digestOf(proof), state.cardKey);
    const marked = withParity(state.signature, parity);
    const owner = world.treasury;
    await world.sendAs(
      owner,
      encodeVaultCall("requestVoid", [card.address, 1n, proof, marked.slice(0, 32), marked.slice(32)]),
    );
    await world.rpc("evm_increaseTime", [DELAY_SECONDS]);
    await world.mine(1);
    const execute = () => world.sendAs(owner, encodeVaultCall("executeVoid", [card.address, 1n]));

    // What the void is worth nobody knows before the card's state is shown.
    await shopping.overTheBoundary(card, execute, "voided");
    expect(await shopping.bound(card)).toBe("10000000");
    await shopping.send({ stateProofs: [state] });
    expect(await shopping.bound(card)).toBe("12000000");
    await eventually(
      () => shopping.allowance(card),
      ({ maxSpent }) => maxSpent === 12_000_000n,
    );

    await shopping.send({ vouchers: [lost] });
    const seen = await shopping.becomes(lost, { state: "compensated" });
    expect(seen).toMatchObject({ cancelled: false, owes: null, refunded: "0.00" });
    const { giveBacks } = await shopping.giveBacks();
    expect(giveBacks).toEqual([
      expect.objectContaining({ kind: "voided", final: true, card: toHex(card.address), amount: null, vouchers: [] }),
    ]);
    await eventually(
      () => service.platform.contract.card(card.address, "finalized"),
      ({ balance }) => balance === 10_000_000n,
    );
    await shopping.balanced();
  });
});
