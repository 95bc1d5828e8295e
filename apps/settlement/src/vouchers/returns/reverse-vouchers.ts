import { sql } from "kysely";
import type { PostedVoucher, Postings } from "../../books/postings/postings.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { statesBefore } from "../states/voucher-states.ts";

/** Which vouchers are checked; all of them where it is left out. */
export type ReversalScope =
  { readonly request: Uint8Array; readonly cardKey: Uint8Array } | { readonly ids: readonly Uint8Array[] };

/**
 * Reverses every voucher that a stored `TLYX` names and that neither is in a batch nor was paid: it
 * will not be batched, nor borne by the issuer, and its hold ends (spec §6.2). One that is in a
 * batch stays there: should the batch fail, it is reversed when it comes back.
 */
export async function reverseNamed(
  trx: DatabaseTransaction,
  postings: Postings,
  scope?: ReversalScope,
): Promise<readonly PostedVoucher[]> {
  if (scope !== undefined && "ids" in scope && scope.ids.length === 0) return [];
  const reversed = await trx
    .updateTable("vouchers")
    .set({ state: "cancelled", withheld_ground: null })
    .where("state", "in", statesBefore("cancelled"))
    .$if(scope !== undefined && "ids" in scope, (query) =>
      query.where("id", "in", scope !== undefined && "ids" in scope ? scope.ids : []),
    )
    .$if(scope !== undefined && "request" in scope, (query) => {
      if (scope === undefined || !("request" in scope)) return query;
      return query.where("request", "=", scope.request).where("card_key", "=", scope.cardKey);
    })
    .where((where) =>
      where.exists(
        where
          .selectFrom("cancellations")
          .select(sql`1`.as("one"))
          .whereRef("cancellations.request", "=", "vouchers.request")
          .whereRef("cancellations.card_key", "=", "vouchers.card_key"),
      ),
    )
    .returning(["id", "card", "payee", "amount_units as amount"])
    .execute();
  await postings.released(trx, reversed);
  return reversed;
}
