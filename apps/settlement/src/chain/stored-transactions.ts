import type { Selectable } from "kysely";
import type { Database, DatabaseTransaction } from "../foundation/database/database.ts";
import type { ChainTransactionsTable } from "../foundation/database/tables/chain-tables.ts";
import type { ChainAction } from "./chain-actions.ts";
import type { Fees } from "./fees.ts";

export type StoredTransaction = Selectable<ChainTransactionsTable>;

/** Signed bytes as they are stored before anybody is given them. */
export interface SignedBytes extends Fees {
  readonly actionId: string;
  readonly nonce: bigint;
  readonly gas: bigint;
  readonly hash: Uint8Array;
  readonly raw: Uint8Array;
  readonly at: Date;
}

/** Stores one more attempt of an action, in the transaction that says that it was signed. */
export async function storeTransaction(trx: DatabaseTransaction, signed: SignedBytes): Promise<void> {
  const last = await trx
    .selectFrom("chain_transactions")
    .select((select) => select.fn.max("attempt").as("attempt"))
    .where("action_id", "=", signed.actionId)
    .executeTakeFirst();
  await trx
    .insertInto("chain_transactions")
    .values({
      hash: signed.hash,
      action_id: signed.actionId,
      attempt: (last?.attempt ?? 0) + 1,
      nonce: signed.nonce,
      raw: signed.raw,
      gas: signed.gas,
      max_fee: signed.maxFee,
      priority_fee: signed.priorityFee,
      stored_at: signed.at,
      sent_at: null,
    })
    .execute();
}

export async function markSent(db: Database, hash: Uint8Array, at: Date): Promise<void> {
  await db.updateTable("chain_transactions").set({ sent_at: at }).where("hash", "=", hash).execute();
}

export async function newestTransaction(db: Database, actionId: string): Promise<StoredTransaction | null> {
  const newest = await db
    .selectFrom("chain_transactions")
    .selectAll()
    .where("action_id", "=", actionId)
    .orderBy("attempt", "desc")
    .limit(1)
    .executeTakeFirst();
  return newest ?? null;
}

/** What the network asked when the action's present nonce was first signed for. */
export async function firstOffer(db: Database, { id, nonce }: Pick<ChainAction, "id" | "nonce">): Promise<Fees> {
  const first = await db
    .selectFrom("chain_transactions")
    .select(["max_fee", "priority_fee"])
    .where("action_id", "=", id)
    .where("nonce", "=", nonce)
    .orderBy("attempt")
    .limit(1)
    .executeTakeFirstOrThrow();
  return toFees(first);
}

/** Hashes of the attempts with the present nonce, the newest first: older ones belong to a nonce that was given up. */
export async function hashesOf(
  db: Database,
  { id, nonce }: Pick<ChainAction, "id" | "nonce">,
): Promise<readonly Uint8Array[]> {
  const attempts = await db
    .selectFrom("chain_transactions")
    .select("hash")
    .where("action_id", "=", id)
    .where("nonce", "=", nonce)
    .orderBy("attempt", "desc")
    .execute();
  return attempts.map(({ hash }) => hash);
}

export function toFees(row: { readonly max_fee: string; readonly priority_fee: string }): Fees {
  return { maxFee: BigInt(row.max_fee), priorityFee: BigInt(row.priority_fee) };
}
