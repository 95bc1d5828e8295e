import type { DatabaseTransaction } from "../database/database.ts";
import type { UploadToStore } from "./upload-to-store.ts";
import type { VerifiedCancellation } from "./upload-verdict.ts";

/**
 * Stores cancellations and takes matching vouchers out of what will be batched. One that is batched already stays: the
 * payee's key gives it back by a refund. Returning vouchers free their hold.
 */
export async function storeCancellations(
  trx: DatabaseTransaction,
  { hash, receivedAt, postings }: UploadToStore,
  cancellations: readonly VerifiedCancellation[],
): Promise<void> {
  const ordered = [...cancellations].sort((left, right) => Buffer.compare(left.request, right.request));
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
    const cancelled = await trx
      .updateTable("vouchers")
      .set({ state: "cancelled" })
      .where("request", "=", request)
      .where("card_key", "=", cardKey)
      .where("state", "=", "received")
      .returning(["id", "card", "payee", "amount_units as amount"])
      .execute();
    await postings.released(trx, cancelled);
  }
}
