import type { Database, DatabaseTransaction } from "../../foundation/database/database.ts";

/** What of a card's row decides how much it may still have signed. */
export interface ExposedCard {
  readonly card: Uint8Array;
  readonly shown_seq: bigint;
  readonly shown_terminated: boolean;
  readonly deposits_units: bigint;
}

/**
 * Units that a card can have spent in all by what is signed and not overtaken (spec §6.3): the highest maxSpent of every
 * allowance from the seq that it showed on, expired or not; of a terminated card what it proved to have spent.
 * @param jump the seq below which a restored database may have forgotten allowances; 0 where none was restored
 */
export async function exposureOf(db: Database | DatabaseTransaction, card: ExposedCard, jump: bigint): Promise<bigint> {
  return card.shown_terminated ? await highestSpent(db, card.card) : await highestAllowed(db, card, jump);
}

async function highestAllowed(db: Database | DatabaseTransaction, card: ExposedCard, jump: bigint): Promise<bigint> {
  const row = await db
    .selectFrom("allowances")
    .select((select) => select.fn.max("max_spent_units").as("highest"))
    .where("card", "=", card.card)
    .where("seq", ">=", card.shown_seq)
    .executeTakeFirst();
  const known = row?.highest ?? 0n;
  // A restored database may have forgotten an allowance; none can have exceeded the sum of all
  // deposits.
  const forgotten = jump > 0n && card.shown_seq <= jump ? card.deposits_units : 0n;
  return known > forgotten ? known : forgotten;
}

async function highestSpent(db: Database | DatabaseTransaction, card: Uint8Array): Promise<bigint> {
  const row = await db
    .selectFrom("state_proofs")
    .select((select) => select.fn.max("spent_units").as("highest"))
    .where("card", "=", card)
    .executeTakeFirst();
  return row?.highest ?? 0n;
}
