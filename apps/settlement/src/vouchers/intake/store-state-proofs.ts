import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { VerifiedStateProof } from "../verification/upload-verdict.ts";
import type { UploadToStore } from "./upload-to-store.ts";

/** `7F`: the card will never pay again, only its `spent` counts (spec §6.3). */
const TERMINATED = 0x7f;

/** Stores proofs of state; each shows which allowance its card holds. */
export async function storeStateProofs(
  trx: DatabaseTransaction,
  { hash, receivedAt }: UploadToStore,
  proofs: readonly VerifiedStateProof[],
): Promise<void> {
  const ordered = [...proofs].sort((left, right) => Buffer.compare(left.card, right.card));
  for (const { card, proof, signature, counter, spent, seq, state } of ordered) {
    await trx
      .insertInto("state_proofs")
      .values({
        card,
        proof,
        signature,
        counter: BigInt(counter),
        spent_units: spent,
        seq: BigInt(seq),
        card_state: state,
        upload: hash,
        received_at: receivedAt,
      })
      .onConflict((conflict) => conflict.columns(["card", "proof"]).doNothing())
      .execute();
    await trx
      .updateTable("cards")
      .set({ shown_seq: BigInt(seq) })
      .where("card", "=", card)
      .where("shown_seq", "<", BigInt(seq))
      .execute();
    if (state !== TERMINATED) continue;
    await trx.updateTable("cards").set({ shown_terminated: true }).where("card", "=", card).execute();
  }
}
