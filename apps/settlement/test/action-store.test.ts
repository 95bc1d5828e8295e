import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "@jest/globals";
import { scriptedSigner, senderStoreCases, type SenderStoreTrial } from "@tallystick/evm/testing";
import { ActionStore, type StoredAction } from "../src/chain/action-store.ts";
import { ChainActions } from "../src/chain/chain-actions.ts";
import { replaceMoneyFaults } from "../src/chain/money/money-faults.ts";
import { systemClock } from "../src/foundation/clock.ts";
import { createDatabase, createPool, type Database } from "../src/foundation/database/database.ts";
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
});
