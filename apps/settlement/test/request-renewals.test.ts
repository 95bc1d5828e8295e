import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { createDatabase, createPool, type Database } from "../src/foundation/database/database.ts";
import { requestRenewals } from "../src/vouchers/intake/request-renewals.ts";
import { blockedBackend } from "./harness/blocked-backend.ts";
import { ownDatabase } from "./harness/shared-cluster.ts";

const [released, other] = [Buffer.alloc(20, 1), Buffer.alloc(20, 2)];

describe("an upload about a card with a release", () => {
  let db: Database;

  beforeAll(async () => {
    db = createDatabase(createPool((await ownDatabase()).url));
    for (const [index, card] of [released, other].entries()) {
      const particulars = { card_index: index, owner: Buffer.alloc(20, 9), reference: "", registered_at: new Date(0) };
      const keys = { card_key: Buffer.alloc(33, index), opening_signature: Buffer.alloc(64) };
      await db
        .insertInto("cards")
        .values({ card, ...particulars, ...keys, opened_block: null })
        .execute();
    }
  });
  afterAll(() => db.destroy());

  it("has the allowance renewed, also where the release becomes final while the upload is stored", async () => {
    const upload = await db.transaction().execute(async (watcher) => {
      const place = {
        block_number: 1n,
        log_index: 0,
        block_hash: Buffer.alloc(32),
        transaction_hash: Buffer.alloc(32),
      };
      const event = { kind: "released", card: released, payee: null, units: null, detail: "{}", final: true };
      await watcher
        .insertInto("chain_events")
        .values({ ...place, ...event })
        .execute();
      await watcher.updateTable("cards").set({ renewal_due: true }).where("card", "=", released).execute();
      const storing = db.transaction().execute((trx) => requestRenewals(trx, [other, released, other]));
      await blockedBackend(db);
      return { storing };
    });
    expect(await upload.storing).toEqual([{ topic: "allowance", subject: toHex(released).slice(2) }]);
    const due = await db.selectFrom("cards").select("card").where("renewal_due", "=", true).execute();
    expect(due.map(({ card }) => toHex(card))).toEqual([toHex(released)]);
  });
});
