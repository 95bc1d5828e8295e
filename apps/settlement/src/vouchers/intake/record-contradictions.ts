import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { enqueue } from "../../foundation/outbox/outbox.ts";
import type { UploadToStore } from "./upload-to-store.ts";
import type { VerifiedVoucher } from "../verification/upload-verdict.ts";

/**
 * Looks at new vouchers beside their neighbours: an honest card's voucher links to the message before it and has spent
 * exactly its amount more (spec §3.2). A voucher that fits none of the messages known for the counter before convicts
 * the card as a fork does; its vouchers are taken all the same.
 */
export async function noteContradictions(
  trx: DatabaseTransaction,
  { hash, receivedAt }: UploadToStore,
  vouchers: readonly VerifiedVoucher[],
): Promise<void> {
  if (vouchers.length === 0) return;
  const ids = vouchers.map((voucher) => Buffer.from(voucher.id));
  const { rows } = await sql<{ id: Buffer; card: Buffer; counter: string }>`
    with fresh as (select card, counter from vouchers where id = any (${ids}::bytea[])),
    looked as (
      select v.id, v.card, v.counter, v.link, v.spent_units, v.amount_units from vouchers v
      join fresh on fresh.card = v.card and v.counter in (fresh.counter, fresh.counter + 1))
    select distinct looked.id, looked.card, looked.counter::text from looked
    where (looked.counter = 1 and (looked.link <> ${Buffer.alloc(32)} or looked.spent_units <> looked.amount_units))
      or (exists (select 1 from vouchers b where b.card = looked.card and b.counter = looked.counter - 1)
        and not exists (
          select 1 from vouchers b where b.card = looked.card and b.counter = looked.counter - 1
            and sha256(b.message) = looked.link and b.spent_units + looked.amount_units = looked.spent_units))`.execute(
    trx,
  );
  for (const { id, card, counter } of rows) {
    await trx
      .insertInto("anomalies")
      .values({
        kind: "CARD_CONTRADICTION",
        payee: null,
        terminal_id: null,
        upload: hash,
        card,
        detail: `Voucher ${toHex(id)} at counter ${counter} of card ${toHex(card)} does not follow the voucher before it.`,
        found_at: receivedAt,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await trx.updateTable("cards").set({ status: 2 }).where("card", "=", card).where("status", "!=", 2).execute();
    await enqueue(trx, "status-list", "due", receivedAt);
  }
}
