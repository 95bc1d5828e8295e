import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { eventually } from "./harness/eventually.ts";
import { fundedCard } from "./harness/issued.ts";
import { ReturnHarness } from "./harness/return-harness.ts";
import type { TestCard } from "./harness/test-card.ts";

describe("a reorganisation of blocks that are not final", () => {
  let harness: ReturnHarness;

  beforeAll(async () => {
    harness = await ReturnHarness.create("PackedVault");
  });
  afterAll(async () => {
    await harness.stop();
  });

  const returns = async (card: TestCard) =>
    (await harness.listReturns()).returns
      .filter((row: { card: string }) => row.card === toHex(card.address))
      .map(({ amount, final }: { amount: string; final: boolean }) => [amount, final]);

  it("no longer shows a refund whose block is gone, and counts the one that replaced it", async () => {
    const { settlement } = harness;
    const card = await fundedCard(settlement, harness.service, "10.00");
    const sale = await harness.paid(card, 4_000_000n);
    await settlement.stopMining();
    await harness.refund(card, 3_000_000n, sale);
    await eventually(
      () => returns(card),
      (rows) => rows.length === 1,
    );
    expect(await returns(card)).toEqual([["3.00", false]]);
    await settlement.rpc("anvil_reorg", [1, []]);
    await eventually(
      () => returns(card),
      (rows) => rows.length === 0,
    );
    expect(await harness.view(sale)).toMatchObject({ state: "final", refunded: "0.00" });
    await harness.refund(card, 500_000n, sale);
    await settlement.mine(3);
    await eventually(
      () => returns(card),
      (rows) => rows[0]?.[1] === true,
    );
    expect(await returns(card)).toEqual([["0.50", true]]);
    await harness.becomes(sale, { refunded: "0.50" });
    await eventually(
      () => harness.allowance(card),
      ({ maxSpent }) => maxSpent === 10_500_000n,
    );
    settlement.startMining();
    await harness.balanced();
  });
});
