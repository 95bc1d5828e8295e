import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { reverseNamed } from "../returns/reverse-vouchers.ts";
import type { VerifiedReversal } from "../verification/upload-verdict.ts";
import type { UploadToStore } from "./upload-to-store.ts";

/**
 * Stores reversals and takes matching vouchers out of what will be batched or borne. One that is
 * batched already stays: the payee's key gives it back by a release, or by a refund once it was
 * paid.
 */
export async function storeReversals(
  trx: DatabaseTransaction,
  { hash, receivedAt, postings }: UploadToStore,
  reversals: readonly VerifiedReversal[],
): Promise<void> {
  const ordered = [...reversals].sort((left, right) => Buffer.compare(left.request, right.request));
  for (const { cardKey, request, payee, terminalId, signature } of ordered) {
    await trx
      .insertInto("cancellations")
      .values({
        card_key: cardKey,
        request,
        payee,
        terminal_id: terminalId,
        signature,
        upload: hash,
        received_at: receivedAt,
      })
      .onConflict((conflict) => conflict.columns(["request", "card_key"]).doNothing())
      .execute();
    await reverseNamed(trx, postings, { request, cardKey });
  }
}
