import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { transferCall } from "@tallystick/vault";
import { mint } from "./harness/by-hand.ts";
import { eventually } from "./harness/eventually.ts";
import { createHarness, type SettlementHarness, type TestService } from "./harness/settlement-harness.ts";

const SCALE = 1_000;

describe("tokens below one unit", () => {
  let harness: SettlementHarness;
  let service: TestService;

  beforeAll(async () => {
    harness = await createHarness("ReferenceVault", { scale: SCALE });
    // Before the service looks: 500 base units more than whole units.
    await mint(harness, harness.treasury, 500n);
    const newest = Number(await harness.rpc("eth_blockNumber"));
    harness.startMining();
    // The treasury's account alone is followed.
    const guarantee = { bears: false, perCard: "0.00", perPayeePerDay: "0.00" };
    service = await harness.start(await harness.createDatabase(), { startBlock: newest + 1, guarantee });
  });
  afterAll(async () => {
    await service?.stop();
    await harness.stop();
  });

  /** The figures once the newest block is recorded. */
  async function figures() {
    const latest = (await service.platform.rpc.block("latest"))?.number ?? 0n;
    const { body } = await eventually(
      () => service.call("GET", "/v1/reconciliation"),
      (seen) => BigInt(seen.body.block ?? 0) >= latest,
    );
    return { wallets: body.ledger.wallets, minted: body.ledger.minted, difference: body.ledgerDifference };
  }

  it("make units together, come and go, and never part the books from the chain", async () => {
    expect(await figures()).toEqual({ wallets: "900.00", minted: "900.00", difference: "0" });
    await mint(harness, harness.treasury, 499n);
    expect(await figures()).toEqual({ wallets: "900.00", minted: "900.00", difference: "0" });
    await mint(harness, harness.treasury, 1n);
    expect(await figures()).toEqual({ wallets: "900.001", minted: "900.001", difference: "0" });
    await harness.sendAs(harness.treasury, transferCall({ to: Buffer.alloc(20, 7), baseUnits: 1n }), harness.token);
    expect(await figures()).toEqual({ wallets: "900.00", minted: "900.00", difference: "0" });
    await mint(harness, harness.treasury, 1_501n);
    expect(await figures()).toEqual({ wallets: "900.002", minted: "900.002", difference: "0" });
    await harness.sendAs(harness.treasury, transferCall({ to: Buffer.alloc(20, 7), baseUnits: 2_500n }), harness.token);
    expect(await figures()).toEqual({ wallets: "900.00", minted: "900.00", difference: "0" });
  });
});
