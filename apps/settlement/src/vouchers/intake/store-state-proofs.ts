import { sql } from "kysely";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { VerifiedStateProof } from "../verification/upload-verdict.ts";
import type { UploadToStore } from "./upload-to-store.ts";

/** Stores proofs of state. */
export async function storeStateProofs(
  trx: DatabaseTransaction,
  { hash, receivedAt }: UploadToStore,
  proofs: readonly VerifiedStateProof[],
): Promise<void> {
  if (proofs.length === 0) return;
  const ordered = [...proofs].sort(
    (left, right) => Buffer.compare(left.card, right.card) || Buffer.compare(left.proof, right.proof),
  );
  const numbers = (of: (proof: VerifiedStateProof) => number | bigint) =>
    sql`${ordered.map((each) => String(of(each)))}::bigint[]`;
  await sql`
    insert into state_proofs (card, proof, signature, counter, spent_units, seq, card_state, upload, received_at)
    select card, proof, signature, counter, spent, seq, card_state, ${hash}::bytea, ${receivedAt}::timestamptz
    from unnest(${ordered.map(({ card }) => card)}::bytea[], ${ordered.map(({ proof }) => proof)}::bytea[],
      ${ordered.map(({ signature }) => signature)}::bytea[], ${numbers(({ counter }) => counter)},
      ${numbers(({ spent }) => spent)}, ${numbers(({ seq }) => seq)}, ${numbers(({ state }) => state)})
      with ordinality as p (card, proof, signature, counter, spent, seq, card_state, place)
    order by place
    on conflict (card, proof) do nothing`.execute(trx);
}
