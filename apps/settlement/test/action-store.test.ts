import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { cardStatuses } from "@tallystick/protocol";
import { scriptedSigner, senderStoreCases, type SenderStoreTrial } from "@tallystick/evm/testing";
import { ActionStore, type StoredAction } from "../src/chain/action-store.ts";
import { ChainActions } from "../src/chain/chain-actions.ts";
import { failedActions } from "../src/chain/refused/failed-actions.ts";
import { failedSincePatch, replanDue, retryAction } from "../src/chain/refused/retries.ts";
import { replaceMoneyFaults } from "../src/chain/money/money-faults.ts";
import { systemClock } from "../src/foundation/clock.ts";
import { createDatabase, createPool, type Database } from "../src/foundation/database/database.ts";
import type { Queues } from "../src/jobs/queues.ts";
import { WorkReader } from "../src/operations/console/read/work.ts";
import { QuietHarness } from "./harness/quiet/quiet-harness.ts";
import { ownDatabase } from "./harness/shared-cluster.ts";

describe("the store of chain actions in PostgreSQL", () => {
  let db: Database | undefined;

  afterEach(() => db?.destroy());

  async function createTrial(): Promise<SenderStoreTrial<StoredAction>> {
    db = createDatabase(createPool((await ownDatabase()).url));
    return trialOn(db);
  }

  async function trialOn(db: Database): Promise<SenderStoreTrial<StoredAction>> {
    const actions = new ChainActions(systemClock, {
      ...{ treasury: scriptedSigner, gas: null, guarantee: null, former: [] },
    });
    const { address: account } = scriptedSigner;
    const open = (): ActionStore =>
      new ActionStore(db, { clock: systemClock, account, begins: () => true, accessLists: true });
    const store = open();
    return {
      store,
      plan: async ({ to, data }) => {
        const action = { key: `test:${randomUUID()}`, kind: "withdraw", target: to, data } as const;
        const id = await db.transaction().execute((trx) => actions.plan(trx, action));
        const planned = await store.load(id);
        if (planned === null) throw new Error("the plan is gone");
        return planned;
      },
      reopen: async () => open(),
      ...{ keepsPlans: true, plansAgain: true },
    };
  }

  it.each(senderStoreCases.map((each) => [each.name, each] as const))("%s", async (_name, { run }) => {
    await run(createTrial);
  });

  it("gives no nonce of one account to an action that another one begins meanwhile", async () => {
    db = createDatabase(createPool((await ownDatabase()).url));
    const open = db;
    const other = { ...scriptedSigner, address: new Uint8Array(20).fill(9) };
    const actions = new ChainActions(systemClock, {
      ...{ treasury: scriptedSigner, gas: other, guarantee: null, former: [] },
    });
    const storeOf = ({ address: account }: { readonly address: Uint8Array }): ActionStore =>
      new ActionStore(open, { clock: systemClock, account, begins: () => true, accessLists: true });
    const action = { kind: "settle", target: other.address, data: new Uint8Array(4) } as const;
    const id = await open.transaction().execute((trx) => actions.plan(trx, { key: "test:handed", ...action }));
    const loaded = await storeOf(other).load(id);
    // A process with the former configuration hands it back before this one goes on.
    await open.updateTable("chain_actions").set({ account: scriptedSigner.address }).where("id", "=", id).execute();
    if (loaded === null) throw new Error("the plan is gone");
    expect(await storeOf(other).reserve(loaded, { gas: 1n, chainNonce: 7n })).toBeNull();
    expect(await storeOf(scriptedSigner).load(id)).toMatchObject({ state: "planned", nonce: null });

    // A deposit that another treasury was to make waits until this one's tokens are approved.
    const fund = { kind: "fund", target: other.address, data: new Uint8Array(4) } as const;
    const funding = await open.transaction().execute((trx) => actions.plan(trx, { key: "test:fund", ...fund }));
    const approve = { kind: "approve", target: other.address, data: new Uint8Array(4) } as const;
    await open.transaction().execute((trx) => actions.plan(trx, { key: "test:approve", ...approve }));
    const deposit = await storeOf(scriptedSigner).load(funding);
    if (deposit === null) throw new Error("the plan is gone");
    expect(await storeOf(scriptedSigner).reasonToWait(deposit)).toBe("WAITING_FOR_ACTIONS");
    await open.updateTable("chain_actions").set({ state: "mined" }).where("key", "=", "test:approve").execute();
    expect(await storeOf(scriptedSigner).reasonToWait(deposit)).toBeNull();
  });

  it("holds deposits back, planned ones too, while money is missing or does not move", async () => {
    db = createDatabase(createPool((await ownDatabase()).url));
    const open = db;
    const { address: account } = scriptedSigner;
    const store = new ActionStore(open, { clock: systemClock, account, begins: () => true, accessLists: true });
    const actions = new ChainActions(systemClock, {
      ...{ treasury: scriptedSigner, gas: null, guarantee: null, former: [] },
    });
    const plan = async (kind: "fund" | "settle"): Promise<StoredAction> => {
      const action = { key: `test:${randomUUID()}`, kind, target: account, data: new Uint8Array(4) };
      const planned = await store.load(await open.transaction().execute((trx) => actions.plan(trx, action)));
      if (planned === null) throw new Error("the plan is gone");
      return planned;
    };
    const [deposit, batch] = [await plan("fund"), await plan("settle")];
    const reasons = async () => [await store.reasonToWait(deposit), await store.reasonToWait(batch)];
    expect(await reasons()).toEqual([null, null]);
    for (const code of ["INSOLVENT", "TREASURY_BLOCKED"] as const) {
      const fault = { code, subject: "", message: "Seen.", next: "Look." };
      await replaceMoneyFaults(open, { codes: [code], found: [fault], at: new Date(0) });
      expect(await reasons()).toEqual(["MONEY_STOPPED", null]);
      await replaceMoneyFaults(open, { codes: [code], found: [], at: new Date(0) });
      expect(await reasons()).toEqual([null, null]);
    }
  });

  describe("of the issuer's deposits", () => {
    let harness: QuietHarness;

    beforeAll(async () => {
      harness = await QuietHarness.open();
    });
    afterAll(() => harness.close());

    const planned = async (key: string): Promise<StoredAction> => {
      const action = { key, kind: "fund", target: harness.config.vault, data: new Uint8Array(4) } as const;
      const id = await harness.db.transaction().execute((trx) => harness.actions.plan(trx, action));
      const { account } = await harness.db
        .selectFrom("chain_actions")
        .select("account")
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      const store = new ActionStore(harness.db, {
        ...{ clock: harness.clock, account, begins: () => true, accessLists: true, random: () => 0 },
      });
      const loaded = await store.load(id);
      if (loaded === null) throw new Error("the plan is gone");
      return Object.assign(loaded, { store });
    };
    const storeOf = (action: StoredAction): ActionStore => (action as StoredAction & { store: ActionStore }).store;

    it("holds one back whose card was lost, revoked or flagged since, and none that pays a withheld voucher", async () => {
      const { address: card } = await harness.card();
      const [deposit, withheld] = [await planned("fund:it"), await planned("deposit:0x12:0")];
      const row = { id: randomUUID(), card, amount_units: 5n, key: "it", created_at: new Date(harness.nowMs) };
      await harness.db
        .insertInto("fundings")
        .values({ ...row, action_id: deposit.id })
        .execute();
      const reasons = async (change: { status?: number; flagged?: boolean }) => {
        await harness.db
          .updateTable("cards")
          .set({ status: cardStatuses.valid, flagged: false, ...change })
          .where("card", "=", card)
          .execute();
        return Promise.all([deposit, withheld].map((action) => storeOf(action).reasonToWait(action)));
      };
      const { lost, revoked, suspended } = cardStatuses;
      for (const change of [{ status: lost }, { status: revoked }, { flagged: true }])
        expect([change, await reasons(change)]).toEqual([change, ["CARD_STOPPED", null]]);
      for (const change of [{ status: suspended }, {}])
        expect([change, await reasons(change)]).toEqual([change, [null, null]]);
    });

    it("plans a refused one again by itself, and never one that pays a withheld voucher", async () => {
      const [deposit, withheld] = [await planned("fund:again"), await planned("deposit:0x34:0")];
      const change = { to: "refused", failure: "NO_TOKENS" } as const;
      for (const action of [deposit, withheld]) await storeOf(action).move(action, change as never, harness.nowMs);
      // As a version before left it.
      await harness.db
        .updateTable("chain_actions")
        .set({ retry_at: new Date(harness.nowMs) })
        .where("id", "=", (await refusedBefore()).id)
        .execute();
      const retries = await harness.db
        .selectFrom("chain_actions")
        .select("retry_at")
        .where("id", "in", [deposit.id, withheld.id])
        .orderBy((of) => of.case().when("id", "=", deposit.id).then(0).else(1).end())
        .execute();
      expect(retries.map(({ retry_at: at }) => at === null)).toEqual([false, true]);
      await replanDue(harness.db, new Date(harness.nowMs + 86_400_000));
      const states = await harness.db
        .selectFrom("chain_actions")
        .select(["key", "state"])
        .where("key", "in", ["fund:again", "deposit:0x34:0", "deposit:0x56:0"])
        .orderBy("key")
        .execute();
      expect(states.map(({ key, state }) => [key, state])).toEqual([
        ["deposit:0x34:0", "refused"],
        ["deposit:0x56:0", "refused"],
        ["fund:again", "planned"],
      ]);
    });

    it("is stuck since it was refused first, and stays in view while it is tried again, until it is mined", async () => {
      const first = harness.nowMs;
      const deposit = await planned("fund:stuck");
      const store = storeOf(deposit);
      const load = async (): Promise<StoredAction> => (await store.load(deposit.id)) ?? deposit;
      const shown = async () => {
        const action = (await failedActions(harness.db, 1_000)).find(({ id }) => id === deposit.id);
        const queues = { counts: () => Promise.resolve({}) } as unknown as Queues;
        const { failures } = await new WorkReader(harness.db, queues, harness.config.asset).read();
        const listed = failures.flatMap((group) => group.actions).find(({ id }) => id === deposit.id);
        expect(listed?.since).toBe(action?.since.toISOString());
        return action && [action.state, action.again, action.since.getTime()];
      };
      expect(await shown()).toBeUndefined();
      const refuse = async (at: number) =>
        store.move(await load(), { to: "refused", code: "SIMULATION", detail: "a test" }, at);
      await refuse(first);
      expect(await shown()).toEqual(["refused", true, first]);
      const again = first + 86_400_000;
      await replanDue(harness.db, new Date(again));
      expect(await shown()).toEqual(["planned", true, first]);
      await refuse(again + 1);
      expect(await shown()).toEqual(["refused", true, first]);
      // A person's try changes nothing of since when it is stuck.
      await harness.db.transaction().execute((trx) => retryAction(trx, deposit.id, new Date(again + 2)));
      expect(await shown()).toEqual(["planned", true, first]);
      await store.reserve(await load(), { gas: 1n, chainNonce: 7n });
      expect(await shown()).toBeUndefined();
      const patches = [failedSincePatch("mined", new Date(again)), failedSincePatch("broadcast", new Date(again))];
      expect(patches).toEqual([{ failed_since: null }, {}]);

      // A version before wrote no first time: the last try is all that is known.
      const old = { state: "planned", refusals: 1, failed_since: null, changed_at: new Date(again) } as const;
      await harness.db.updateTable("chain_actions").set(old).where("id", "=", deposit.id).execute();
      expect(await shown()).toEqual(["planned", true, again]);
    });

    async function refusedBefore(): Promise<StoredAction> {
      const action = await planned("deposit:0x56:0");
      await storeOf(action).move(action, { to: "refused", failure: "NO_TOKENS" } as never, harness.nowMs);
      return action;
    }
  });
});
