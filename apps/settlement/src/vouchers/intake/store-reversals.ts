import { sql } from "kysely";
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
  const ordered = inOrder(reversals);
  await insertReversals(trx, { hash, receivedAt, late }, ordered);
  if (!late) await reverseNamed(trx, postings, { named: ordered });
}

/** Each reversal once, in the order in which every upload takes its locks. */
function inOrder(reversals: readonly VerifiedReversal[]): readonly VerifiedReversal[] {
  return [...reversals].sort(
    (left, right) => Buffer.compare(left.request, right.request) || Buffer.compare(left.cardKey, right.cardKey),
  );
}

async function insertReversals(
  trx: DatabaseTransaction,
  { hash, receivedAt, late }: { readonly hash: Uint8Array; readonly receivedAt: Date; readonly late: boolean },
  reversals: readonly VerifiedReversal[],
): Promise<void> {
  const bytes = (of: (reversal: VerifiedReversal) => Uint8Array) => sql`${reversals.map(of)}::bytea[]`;
  const given = sql`
    from unnest(${bytes(({ id }) => id)}, ${bytes(({ cardKey }) => cardKey)}, ${bytes(({ request }) => request)},
      ${bytes(({ payee }) => payee)}, ${bytes(({ terminalId }) => terminalId)}, ${bytes(({ signature }) => signature)})
      with ordinality as r (id, card_key, request, payee, terminal_id, signature, place)
    order by place`;
  const columns = sql.raw("card_key, request, payee, terminal_id, signature");
  await (
    late
      ? sql`insert into late_reversals (id, ${columns}, upload, received_at)
          select id, ${columns}, ${hash}::bytea, ${receivedAt}::timestamptz ${given} on conflict (id) do nothing`
      : sql`insert into cancellations (${columns}, upload, received_at)
          select ${columns}, ${hash}::bytea, ${receivedAt}::timestamptz ${given} on conflict (request, card_key) do nothing`
  ).execute(trx);
}
