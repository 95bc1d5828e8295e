import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { withdrawnFrom } from "../../issuing/merchants/withdrawals.ts";
import { reverseNamed } from "../returns/reverse-vouchers.ts";
import type { VerifiedReversal } from "../verification/upload-verdict.ts";
import type { UploadToStore } from "./upload-to-store.ts";

/**
 * Stores reversals and takes matching vouchers out of what will be batched or borne. One that is
 * batched already stays: the payee's key gives it back by a release, or by a refund once it was
 * paid. One that comes after its certificate was withdrawn is kept and has no effect until its payee
 * confirms it (spec §6.2).
 */
export async function storeReversals(
  trx: DatabaseTransaction,
  { hash, upload, receivedAt, postings }: UploadToStore,
  reversals: readonly VerifiedReversal[],
): Promise<void> {
  if (reversals.length === 0) return;
  const withdrawn = await withdrawnFrom(trx, upload);
  const late = withdrawn !== null && Math.floor(receivedAt.getTime() / 1_000) > withdrawn;
  const ordered = [...reversals].sort((left, right) => Buffer.compare(left.request, right.request));
  for (const { id, cardKey, request, payee, terminalId, signature } of ordered) {
    const row = {
      ...{ card_key: cardKey, request, payee, terminal_id: terminalId, signature },
      ...{ upload: hash, received_at: receivedAt },
    };
    if (late) {
      await trx
        .insertInto("late_reversals")
        .values({ id, ...row })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .execute();
      continue;
    }
    await trx
      .insertInto("cancellations")
      .values(row)
      .onConflict((conflict) => conflict.columns(["request", "card_key"]).doNothing())
      .execute();
    await reverseNamed(trx, postings, { request, cardKey });
  }
}
