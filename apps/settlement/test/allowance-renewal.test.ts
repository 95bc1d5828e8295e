import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { decodeAllowanceBody } from "@tallystick/protocol";
import { sql } from "kysely";
import { HeldActions } from "../src/chain/refused/held-actions.ts";
import type { Actor } from "../src/foundation/http/roles.ts";
import { Allowances } from "../src/issuing/allowances/allowances.ts";
import { AllowancePolicy } from "../src/issuing/policy/allowance-policy.ts";
import { CardBounds } from "../src/issuing/allowances/card-bounds.ts";
import { Fundings } from "../src/issuing/cards/fundings.ts";
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

  it("of a card with nothing to spend waits for its own deposit, so that nobody's dust takes its place", async () => {
    const { app, platform } = still;
    const policy = app.get(AllowancePolicy);
    const { issuerKeyId: _key, seq: _seq, maxCounter: _counter, cardIndex: _index, ...terms } = await latest();
    app.get(CardBounds).boundOf = () => Promise.resolve(1n);
    const actor: Actor = { name: "ida", role: "issuer" };
    await app
      .get(Allowances)
      .issue(card.address, { ...terms, maxSpent: 0n, softSpent: 0n }, { actor, reason: "a test" });
    const funding = { card: card.address, amount: 5_000_000n, key: "first-deposit-1", reason: "a test" };
    const { id } = await app.get(Fundings).plan(funding, actor);
    // The day between two allowances by policy is over.
    await sql`update allowances set stored_at = stored_at - interval '2 days'`.execute(platform.db);
    await policy.renew(card.address);
    expect([await latest(), await isDue()]).toEqual([expect.objectContaining({ seq: 4, maxSpent: 0n }), true]);
    await app.get(HeldActions).abandon({ kind: "funding", id, reason: "a test", actor });
    await sql`update cards set renew_after = null`.execute(platform.db);
    await policy.renew(card.address);
    expect([await latest(), await isDue()]).toEqual([expect.objectContaining({ seq: 5, maxSpent: 1n }), false]);
  });

  it("waits for a deposit that becomes final while the bound is read, for the bound is without it", async () => {
    const { app, platform } = still;
    const actor: Actor = { name: "ida", role: "issuer" };
    const { issuerKeyId: _key, seq, maxCounter: _counter, cardIndex: _index, ...terms } = await latest();
    const allowances = app.get(Allowances);
    const order = { actor, reason: "a test" };
    await allowances.issue(card.address, { ...terms, maxSpent: 0n, softSpent: 0n }, order);
    await sql`update allowances set stored_at = stored_at - interval '2 days'`.execute(platform.db);
    for (const [key, ask] of [
      ["of a person", () => allowances.issue(card.address, { ...terms, maxSpent: null, softSpent: null }, order)],
      ["of the policy", () => app.get(AllowancePolicy).renew(card.address)],
    ] as const) {
      const funding = {
        card: card.address,
        amount: 5_000_000n,
        key: `deposit-${key.replaceAll(" ", "-")}`,
        reason: "a test",
      };
      const { id } = await app.get(Fundings).plan(funding, actor);
      app.get(CardBounds).boundOf = async () => {
        await app.get(HeldActions).abandon({ kind: "funding", id, reason: "a test", actor });
        return 1n;
      };
      await makeDue();
      await ask().catch((error: unknown) => expect(error).toMatchObject({ code: "FUNDING_RULE" }));
      expect(await latest()).toMatchObject({ seq: seq + 1, maxSpent: 0n });
    }
    app.get(CardBounds).boundOf = () => Promise.resolve(6_000_000n);
    const issued = await allowances.issue(card.address, { ...terms, maxSpent: null, softSpent: null }, order);
    expect(decodeAllowanceBody(issued.body)).toMatchObject({ seq: seq + 2, maxSpent: 6_000_000n });
  });
});
