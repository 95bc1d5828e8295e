import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, it } from "@jest/globals";
import { scriptedSigner, senderStoreCases, type SenderStoreTrial } from "@tallystick/evm/testing";
import { startPostgres, type Postgres } from "@tallystick/stack";
import { ActionStore, type StoredAction } from "../src/chain/action-store.ts";
import { ChainActions } from "../src/chain/chain-actions.ts";
import { systemClock } from "../src/foundation/clock.ts";
import { createDatabase, createPool, type Database } from "../src/foundation/database/database.ts";
import { migrate } from "../src/foundation/database/migrate.ts";
import { migrations } from "../src/migrations.ts";
import { newDatabase } from "./harness/new-database.ts";

describe("the store of chain actions in PostgreSQL", () => {
  let cluster: Postgres;
  let db: Database | undefined;

  beforeAll(async () => {
    cluster = await startPostgres();
  });
  afterEach(() => db?.destroy());
  afterAll(() => cluster.stop());

  async function createTrial(): Promise<SenderStoreTrial<StoredAction>> {
    db = createDatabase(createPool(await newDatabase(cluster)));
    return trialOn(db);
  }

  async function trialOn(db: Database): Promise<SenderStoreTrial<StoredAction>> {
    await migrate(db, migrations);
    const actions = new ChainActions(systemClock, { treasury: scriptedSigner, guarantee: null });
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
});
