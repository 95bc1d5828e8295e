import { encodeUpload, equalBytes, journalHead, toHex, type Upload } from "@tallystick/protocol";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { enqueue } from "../../foundation/outbox/outbox.ts";
import { recordAnomaly, type AnomalyKind } from "../states/anomalies.ts";
import type {
  EntryVerdict,
  RefusedEntry,
  VerifiedReversal,
  VerifiedStateProof,
  VerifiedVoucher,
} from "../verification/upload-verdict.ts";
import { requestRenewals } from "./request-renewals.ts";
import { storeReversals } from "./store-reversals.ts";
import { storeStateProofs } from "./store-state-proofs.ts";
import { storeVouchers } from "./store-vouchers.ts";
import type { EntryOutcome, PlacedOutcome, UploadToStore } from "./upload-to-store.ts";

/**
 * Stores an upload with everything it brings, in the caller's transaction: the bytes themselves,
 * what was refused, reversals, proofs of state, vouchers with their holds, forks, and the wake-up
 * calls. Locks are taken in an order that every upload shares, so that no two of them deadlock.
 */
export async function storeUpload(trx: DatabaseTransaction, stored: UploadToStore): Promise<readonly EntryOutcome[]> {
  await insertUpload(trx, stored);
  const vouchers = stored.entries.filter((entry): entry is VerifiedVoucher => entry.kind === "voucher");
  const refused = stored.entries.filter((entry): entry is RefusedEntry => entry.kind === "refused");
  await insertRefused(trx, stored.hash, refused);
  const reversals = stored.entries.filter((entry): entry is VerifiedReversal => entry.kind === "reversal");
  await storeReversals(trx, stored, reversals);
  const outcomes = await storeVouchers(trx, stored, vouchers);
  const proofs = stored.entries.filter((entry): entry is VerifiedStateProof => entry.kind === "stateProof");
  await storeStateProofs(trx, stored, proofs);
  await requestRenewals(
    trx,
    [...vouchers, ...proofs].map(({ card }) => card),
    stored.receivedAt,
  );
  if (outcomes.some((outcome) => outcome.status === "new")) {
    await enqueue(trx, "batch", "due", stored.receivedAt);
  }
  return inBodyOrder(stored.entries, outcomes);
}

async function insertUpload(
  trx: DatabaseTransaction,
  { hash, bytes, upload, receivedAt }: UploadToStore,
): Promise<void> {
  const inserted = await trx
    .insertInto("uploads")
    .values({
      hash,
      payee: upload.payee,
      terminal_id: upload.terminalId,
      seq: BigInt(upload.uploadSeq),
      previous_head: upload.previousJournalHead,
      upload: encodeUpload(upload),
      signature: bytes.signature,
      certificate: bytes.certificate,
      certificate_signature: bytes.certificateSignature,
      body: bytes.body,
      received_at: receivedAt,
    })
    .onConflict((conflict) => conflict.column("hash").doNothing())
    .returning("hash")
    .executeTakeFirst();
  if (inserted !== undefined) await recordUploadAnomalies(trx, { hash, upload, receivedAt });
}

/**
 * The terminal's chain of uploads shows a journal that was restored from an old copy. What is found
 * is recorded for the operators; the vouchers are taken all the same, because each stands on its
 * card's signature alone.
 */
async function recordUploadAnomalies(
  trx: DatabaseTransaction,
  { hash, upload, receivedAt }: { hash: Uint8Array; upload: Upload; receivedAt: Date },
): Promise<void> {
  const found: { kind: AnomalyKind; detail: string }[] = [];
  const seq = BigInt(upload.uploadSeq);
  const own = trx
    .selectFrom("uploads")
    .select("hash")
    .where("payee", "=", upload.payee)
    .where("terminal_id", "=", upload.terminalId);
  const twin = await own.where("seq", "=", seq).where("hash", "!=", hash).limit(1).executeTakeFirst();
  if (twin !== undefined) {
    found.push({ kind: "UPLOAD_FORK", detail: `Sequence ${seq} was used for another upload, ${toHex(twin.hash)}.` });
  }
  if (upload.uploadSeq === 1) {
    if (upload.previousJournalHead.some((byte) => byte !== 0)) {
      found.push({ kind: "UPLOAD_HEAD", detail: "The first upload names a journal head before it." });
    }
  } else {
    const previous = await own.where("seq", "=", seq - 1n).execute();
    if (previous.length === 0) {
      found.push({ kind: "UPLOAD_GAP", detail: `Upload ${seq} arrived and upload ${seq - 1n} is missing.` });
    } else if (!previous.some((row) => equalBytes(row.hash, upload.previousJournalHead))) {
      found.push({ kind: "UPLOAD_HEAD", detail: `Upload ${seq} does not follow upload ${seq - 1n} as it arrived.` });
    }
  }
  const { payee, terminalId } = upload;
  for (const { kind, detail } of found) {
    await recordAnomaly(trx, { kind, detail, payee, terminalId, upload: journalHead(upload), foundAt: receivedAt });
  }
}

async function insertRefused(
  trx: DatabaseTransaction,
  hash: Uint8Array,
  refused: readonly RefusedEntry[],
): Promise<void> {
  if (refused.length === 0) return;
  await trx
    .insertInto("refused_entries")
    .values(
      refused.map((entry) => ({ upload: hash, position: entry.position, voucher_id: entry.id, code: entry.code })),
    )
    .onConflict((conflict) => conflict.columns(["upload", "position"]).doNothing())
    .execute();
}

function inBodyOrder(entries: readonly EntryVerdict[], outcomes: readonly PlacedOutcome[]): EntryOutcome[] {
  const byPosition = new Map(outcomes.map((outcome) => [outcome.position, outcome]));
  const ordered: EntryOutcome[] = [];
  for (const entry of entries) {
    if (entry.kind === "refused" && entry.entry === "voucher") {
      ordered.push({ id: entry.id, status: "refused", code: entry.code });
    }
    const outcome = byPosition.get(entry.position);
    if (outcome !== undefined) ordered.push({ id: outcome.id, status: outcome.status, code: outcome.code });
  }
  return ordered;
}
