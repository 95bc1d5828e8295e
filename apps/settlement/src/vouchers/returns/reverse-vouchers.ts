import { sql } from "kysely";
import type { PostedVoucher, Postings } from "../../books/postings/postings.ts";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { statesBefore } from "../states/voucher-states.ts";

/** Which vouchers are checked; all of them where it is left out. */
export type ReversalScope =
  | NamedRequest
  | { readonly named: readonly NamedRequest[] }
  | { readonly ids: readonly Uint8Array[] };

/** The request that a reversal names. */
export interface NamedRequest {
  readonly request: Uint8Array;
  readonly cardKey: Uint8Array;
}

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
  const { ids } = scope !== undefined && "ids" in scope ? scope : { ids: null };
  const named = scope === undefined || "ids" in scope ? null : "named" in scope ? scope.named : [scope];
  if (ids?.length === 0 || named?.length === 0) return [];
  const reversed = await trx
    .updateTable("vouchers")
    .set({ state: "cancelled", withheld_ground: null })
    .where("state", "in", statesBefore("cancelled"))
    .$if(ids !== null, (query) => query.where("id", "in", ids ?? []))
    .$if(named !== null, (query) => query.where("id", "=", namedBy(named ?? [])))
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

/** Ids of the vouchers that answer requests, looked up request by request. */
function namedBy(named: readonly NamedRequest[]) {
  return sql<Uint8Array>`any (array(
    select v.id from unnest(${named.map(({ request }) => request)}::bytea[], ${named.map(({ cardKey }) => cardKey)}::bytea[])
      as n (request, card_key)
    cross join lateral (
      select x.id from vouchers x where x.request = n.request and x.card_key = n.card_key offset 0) v))`;
}
