import { toHex } from "@tallystick/protocol";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";

/** One reference is one card, whoever asks; the caller holds the lock of the register. Throws Problem REFERENCE_TAKEN. */
export async function assertFree(trx: DatabaseTransaction, reference: string): Promise<void> {
  const other = await trx.selectFrom("cards").select("card").where("reference", "=", reference).executeTakeFirst();
  if (other === undefined) return;
  throw new Problem("REFERENCE_TAKEN", `It is card ${toHex(other.card)}'s; give this card a reference of its own.`);
}

/** What one station makes, no other makes; the caller holds the lock of the register. Throws Problem REFERENCE_CLAIMED. */
export async function assertUnclaimed(trx: DatabaseTransaction, reference: string, { station }: Actor): Promise<void> {
  const claim = await trx
    .selectFrom("reference_claims")
    .selectAll()
    .where("reference", "=", reference)
    .executeTakeFirst();
  if (claim === undefined || claim.station === station) return;
  const by = claim.operator === null ? "" : ` (${claim.operator})`;
  const since = claim.claimed_at.toISOString();
  throw new Problem("REFERENCE_CLAIMED", `Station ${claim.station}${by} makes it since ${since}.`);
}
