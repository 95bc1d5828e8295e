import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { enqueue } from "../../foundation/outbox/outbox.ts";
import { revokeCard } from "../forks/record-fork.ts";
import { recordAnomaly } from "../states/anomalies.ts";
import type { VerifiedVoucher } from "../verification/upload-verdict.ts";
import type { UploadToStore } from "./upload-to-store.ts";

/**
 * Compares new vouchers with their neighbours: an honest card's voucher links to the message before
 * it and has spent exactly its amount more (spec §3.2). A voucher that fits none of the messages
 * known for the counter before convicts the card as a fork does; its vouchers are taken all the
 * same.
 */
export async function recordContradictions(
  trx: DatabaseTransaction,
  { hash, receivedAt }: UploadToStore,
  vouchers: readonly VerifiedVoucher[],
): Promise<void> {
  if (vouchers.length === 0) return;
  const ids = vouchers.map((voucher) => Buffer.from(voucher.id));
  const { rows } = await sql<{ id: Buffer; card: Buffer; counter: string }>`
    with fresh as (select card, counter from vouchers where id = any (${ids}::bytea[])),
    compared as (
      select v.id, v.card, v.counter, v.link, v.spent_units, v.amount_units from vouchers v
      join fresh on fresh.card = v.card and v.counter in (fresh.counter, fresh.counter + 1))
    select distinct compared.id, compared.card, compared.counter::text from compared
    where (compared.counter = 1 and (compared.link <> ${Buffer.alloc(32)} or compared.spent_units <> compared.amount_units))
      or (exists (select 1 from vouchers b where b.card = compared.card and b.counter = compared.counter - 1)
        and not exists (
          select 1 from vouchers b where b.card = compared.card and b.counter = compared.counter - 1
            and sha256(b.message) = compared.link and b.spent_units + compared.amount_units = compared.spent_units))`.execute(
    trx,
  );
  for (const { id, card, counter } of rows) {
    await recordAnomaly(trx, {
      kind: "CARD_CONTRADICTION",
      ...{ upload: hash, card, foundAt: receivedAt },
      detail: `Voucher ${toHex(id)} at counter ${counter} of card ${toHex(card)} does not follow the voucher before it.`,
    });
    await revokeCard(trx, card);
    await enqueue(trx, "status-list", "due", receivedAt);
  }
}
