import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { dropPlannedAction } from "../../chain/chain-actions.ts";
import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";
import { recordAnomaly } from "../states/anomalies.ts";

/**
 * The vault paid a voucher whose compensation is on its way: what has not been given a nonce is not
 * sent any more. Whatever was sent is reported when it is final.
 */
export async function stopTransfer(trx: DatabaseTransaction, id: Uint8Array, now: Date): Promise<void> {
  const { action_id } = await trx
    .selectFrom("compensations")
    .select("action_id")
    .where("voucher_id", "=", id)
    .executeTakeFirstOrThrow();
  await dropPlannedAction(trx, action_id, { at: now, failure: "PAID_BY_VAULT" });
}

/**
 * Raises the alarm about a voucher that the vault and the issuer have both paid, finally (spec
 * §6.1). By the vault's rules and ours it cannot be; a person has to find out which of them broke.
 */
export async function reportPaidTwice(trx: DatabaseTransaction, id: Uint8Array, now: Date): Promise<void> {
  const found = await trx
    .selectFrom("settled_items")
    .innerJoin("compensations", "compensations.voucher_id", "settled_items.voucher_id")
    .innerJoin("chain_transactions", "chain_transactions.action_id", "compensations.action_id")
    .innerJoin("chain_events", "chain_events.transaction_hash", "chain_transactions.hash")
    .select([
      "settled_items.payee",
      "settled_items.card",
      "settled_items.transaction_hash as paid",
      "chain_events.transaction_hash as transfer",
    ])
    .where("settled_items.voucher_id", "=", id)
    .where("chain_events.kind", "=", "transfer")
    .where("chain_events.final", "=", true)
    .executeTakeFirst();
  if (found === undefined) return;
  const { payee, card, paid, transfer } = found;
  await recordAnomaly(trx, {
    ...{ kind: "PAID_TWICE", payee, card, foundAt: now },
    detail: `Voucher ${toHex(id)} was paid by the vault in ${toHex(paid)} and by the issuer in ${toHex(transfer)}.`,
  });
}

/** Units of vouchers that the vault and the issuer have both paid, finally: ever, whatever came back. */
export async function paidTwice(db: Database | DatabaseTransaction): Promise<bigint> {
  const { rows } = await sql<{ units: string }>`
    select coalesce(sum(s.amount_units), 0)::text as units from settled_items s
    join compensations c on c.voucher_id = s.voucher_id
    where exists (select from chain_transactions t join chain_events e on e.transaction_hash = t.hash
      where t.action_id = c.action_id and e.kind = 'transfer' and e.final)`.execute(db);
  return BigInt(rows[0]?.units ?? "0");
}
