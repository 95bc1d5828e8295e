import { encodeUpload } from "@tallystick/protocol";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { enqueueAll, type WakeUp } from "../../foundation/outbox/outbox.ts";
import type {
  EntryVerdict,
  RefusedEntry,
  VerifiedReversal,
  VerifiedSetAside,
  VerifiedStateProof,
  VerifiedVoucher,
} from "../verification/upload-verdict.ts";
import { insertLink } from "./insert-link.ts";
import { markCards } from "./mark-cards.ts";
import { requestRenewals } from "./request-renewals.ts";
import { storeReversals } from "./store-reversals.ts";
import { storeStateProofs } from "./store-state-proofs.ts";
import { storeVouchers } from "./store-vouchers.ts";
import { extendChain, type SignedUpload } from "./upload-chain.ts";
import type { EntryOutcome, PlacedOutcome, UploadToStore } from "./upload-to-store.ts";

/** What became of an upload. */
export interface StoredUpload {
  /** Each voucher's, in the body's order. */
  readonly outcomes: readonly EntryOutcome[];
  /** The terminal's upload with the highest number; null where it is this one. */
  readonly latest: SignedUpload | null;
}

/**
 * Stores an upload with everything it brings, in the caller's transaction: the bytes themselves,
 * what was refused, reversals, proofs of state, vouchers with their holds, forks, and the wake-up
 * calls. Locks are taken in an order that every upload shares, so that no two of them deadlock.
 */
export async function storeUpload(trx: DatabaseTransaction, stored: UploadToStore): Promise<StoredUpload> {
  const latest = await insertUpload(trx, stored);
  const vouchers = stored.entries.filter((entry): entry is VerifiedVoucher => entry.kind === "voucher");
  const refused = stored.entries.filter((entry): entry is RefusedEntry => entry.kind === "refused");
  await insertRefused(trx, stored.hash, refused);
  const reversals = stored.entries.filter((entry): entry is VerifiedReversal => entry.kind === "reversal");
  await storeReversals(trx, stored, reversals);
  const { outcomes, fresh, unknown, wakeUps } = await storeVouchers(trx, stored, vouchers);
  const proofs = stored.entries.filter((entry): entry is VerifiedStateProof => entry.kind === "stateProof");
  await storeStateProofs(trx, stored, proofs);
  const renewals = await requestRenewals(
    trx,
    [...vouchers, ...proofs].map(({ card }) => card),
  );
  const overspent = await markCards(trx, { fresh, unknown, proofs }, stored.receivedAt);
  const isNew = outcomes.some((outcome) => outcome.status === "new");
  const batch: readonly WakeUp[] = isNew ? [{ topic: "batch", subject: "due" }] : [];
  await enqueueAll(trx, [...wakeUps, ...overspent, ...renewals, ...batch], stored.receivedAt);
  return { outcomes: inBodyOrder(stored.entries, outcomes), latest };
}

/** Keeps the upload's bytes, and compares it with the terminal's chain where it is new. */
async function insertUpload(trx: DatabaseTransaction, stored: UploadToStore): Promise<SignedUpload | null> {
  const { hash, bytes, upload, entries, receivedAt } = stored;
  const body = isAllRefused(entries) ? Buffer.alloc(0) : bytes.body;
  const signed = { ...bytes, body, upload: encodeUpload(upload) };
  const { isNew, neighbours, latest } = await insertLink(trx, { hash, bytes: signed, upload, receivedAt });
  if (!isNew) return latest;
  const setAside = entries.filter((entry): entry is VerifiedSetAside => entry.kind === "setAside");
  await extendChain(trx, { hash, upload, receivedAt, neighbours }, setAside);
  return latest;
}

/** Such a body proves nothing: its hash is signed in the upload, and what it was is in the answer. */
function isAllRefused(entries: readonly EntryVerdict[]): boolean {
  return entries.length > 0 && entries.every(({ kind }) => kind === "refused");
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
