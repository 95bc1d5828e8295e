import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { decodeAllowanceBody } from "@tallystick/protocol";
import { Allowances } from "../src/issuing/allowances/allowances.ts";
import { AllowancePolicy } from "../src/issuing/policy/allowance-policy.ts";
import { CardBounds } from "../src/issuing/allowances/card-bounds.ts";
import { fundedCard } from "./harness/issued.ts";
import { createHarness, type TestService, type SettlementHarness } from "./harness/settlement-harness.ts";
import type { TestCard } from "./harness/test-card.ts";

describe("the renewal of an allowance", () => {
  let harness: SettlementHarness;
  /** Without workers: nothing is renewed but what the test renews. */
  let still: TestService;
  let card: TestCard;

  beforeAll(async () => {
    harness = await createHarness();
    harness.startMining();
    const service = await harness.start(await harness.createDatabase());
    card = await fundedCard(harness, service, "10.00");
    await service.stop();
    still = await harness.start(service.platform.config.databaseUrl, { roles: ["api"] });
  });
  afterAll(async () => {
    await still.stop();
    await harness.stop();
  });

  const db = () => still.platform.db;
  const makeDue = () => db().updateTable("cards").set({ renewal_due: true }).where("card", "=", card.address).execute();
  const isDue = async () => {
    const query = db().selectFrom("cards").select("renewal_due").where("card", "=", card.address);
    return (await query.executeTakeFirstOrThrow()).renewal_due;
  };
  const latest = async () => decodeAllowanceBody((await still.app.get(Allowances).latest(card.address)).body);

  it("stays due where another return comes while it runs, and raises by that too", async () => {
    const policy = still.app.get(AllowancePolicy);
    const uploads = [12_000_000n];
    let bound = 11_000_000n;
    // An upload that proves the worth of a release comes when the bound was just read.
    still.app.get(CardBounds).boundOf = async () => {
      const seen = bound;
      const proved = uploads.shift();
      if (proved !== undefined) {
        bound = proved;
        await makeDue();
      }
      return seen;
    };
    await makeDue();
    await policy.renew(card.address);
    expect([await latest(), await isDue()]).toEqual([expect.objectContaining({ seq: 2, maxSpent: 11_000_000n }), true]);
    await policy.renew(card.address);
    expect([await latest(), await isDue()]).toEqual([
      expect.objectContaining({ seq: 3, maxSpent: 12_000_000n }),
      false,
    ]);
    await policy.renew(card.address);
    expect((await latest()).seq).toBe(3);
  });
});
