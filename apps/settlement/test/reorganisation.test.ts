import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { GiveBackWorld } from "./harness/return-harness.ts";
import type { TestCard } from "./harness/test-card.ts";
import { eventually, fundedCard } from "./harness/settlement-harness.ts";

describe("a reorganisation of blocks that are not final", () => {
  let shopping: GiveBackWorld;

  beforeAll(async () => {
    shopping = await GiveBackWorld.create("PackedVault");
  });
  afterAll(async () => {
    await shopping.stop();
  });

  const givenBack = async (card: TestCard) =>
    (await shopping.giveBacks()).giveBacks
      .filter((row: { card: string }) => row.card === toHex(card.address))
      .map(({ amount, final }: { amount: string; final: boolean }) => [amount, final]);

  it("takes a refund out of sight that is gone, and counts the one that came in its place", async () => {
    const { world } = shopping;
    const card = await fundedCard(world, shopping.service, "10.00");
    const sale = await shopping.paid(card, 4_000_000n);
    await world.stopMining();
    await shopping.refund(card, 3_000_000n, sale);
    await eventually(
      () => givenBack(card),
      (rows) => rows.length === 1,
    );
    expect(await givenBack(card)).toEqual([["3.00", false]]);
    await world.rpc("anvil_reorg", [1, []]);
    await eventually(
      () => givenBack(card),
      (rows) => rows.length === 0,
    );
    expect(await shopping.view(sale)).toMatchObject({ state: "final", refunded: "0.00" });
    await shopping.refund(card, 500_000n, sale);
    await world.mine(3);
    await eventually(
      () => givenBack(card),
      (rows) => rows[0]?.[1] === true,
    );
    expect(await givenBack(card)).toEqual([["0.50", true]]);
    await shopping.becomes(sale, { refunded: "0.50" });
    await eventually(
      () => shopping.allowance(card),
      ({ maxSpent }) => maxSpent === 10_500_000n,
    );
    world.startMining();
    await shopping.balanced();
  });
});
