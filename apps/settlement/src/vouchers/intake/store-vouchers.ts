import { toHex } from "@tallystick/protocol";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import type { WakeUp } from "../../foundation/outbox/outbox.ts";
import { reverseNamed } from "../returns/reverse-vouchers.ts";
import type { VerifiedVoucher } from "../verification/upload-verdict.ts";
import { convictCards } from "../fresh/convict-cards.ts";
import { findOutcomes } from "../fresh/find-outcomes.ts";
import { insertVouchers, recordEarlierArrival } from "../fresh/insert-vouchers.ts";
import { judgeClaims } from "../fresh/judge-claims.ts";
import { distinctById } from "../fresh/lock-order.ts";
import { markKnownOutcomes } from "./mark-known-outcomes.ts";
import type { PlacedOutcome, UploadToStore } from "./upload-to-store.ts";

/** What became of an upload's vouchers, and what is still to be done about their cards. */
export interface StoredVouchers {
  readonly outcomes: readonly PlacedOutcome[];
  /** Those that were not stored before. */
  readonly fresh: readonly VerifiedVoucher[];
  /** Those of whose counter no message was known before, one a counter. */
  readonly unknown: readonly VerifiedVoucher[];
  readonly wakeUps: readonly WakeUp[];
}

/**
 * Stores verified vouchers, by a number of statements that depends neither on how many they are nor
 * on how many are stored. The id deduplicates; the claim of (card, counter) finds forks, also between
 * uploads that arrive at once, because the second insert waits for the first transaction to end. Both
 * messages of a fork are kept.
 */
export async function storeVouchers(
  trx: DatabaseTransaction,
  stored: UploadToStore,
  vouchers: readonly VerifiedVoucher[],
): Promise<StoredVouchers> {
  const distinct = distinctById(vouchers);
  if (distinct.length === 0) return { outcomes: [], fresh: [], unknown: [], wakeUps: [] };
  const inserted = await insertVouchers(trx, stored, distinct);
  const { fresh } = inserted;
  const isFresh = new Set(fresh);
  await recordEarlierArrival(
    trx,
    stored,
    distinct.filter((voucher) => !isFresh.has(voucher)),
  );
  // It locks the books of the cards. Whatever the chain's watcher stores of them stands there before, and is seen from
  // here on; or it comes after this transaction, and sees these vouchers.
  await stored.postings.received(trx, fresh);
  const { forked, unknown } = await judgeClaims(trx, inserted);
  const isForked = new Set(forked);
  const statuses = new Map(
    fresh.map((voucher) => [toHex(voucher.id), isForked.has(voucher) ? "forked" : "new"] as const),
  );
  const wakeUps = fresh.length === 0 ? [] : await applyOutcomes(trx, stored, { fresh, forked });
  return { outcomes: describe(vouchers, statuses), fresh, unknown, wakeUps };
}

async function applyOutcomes(
  trx: DatabaseTransaction,
  stored: UploadToStore,
  { fresh, forked }: { readonly fresh: readonly VerifiedVoucher[]; readonly forked: readonly VerifiedVoucher[] },
): Promise<readonly WakeUp[]> {
  const { reversed, settled, released, contradictions } = await findOutcomes(trx, fresh);
  const wakeUps = await convictCards(trx, stored, { forked, contradictions });
  // A voucher whose request the terminal reversed is not batched (spec §6.2).
  await reverseNamed(trx, stored.postings, { ids: reversed });
  await markKnownOutcomes(trx, stored.postings, { settled, released });
  return wakeUps;
}

/** A voucher that stands twice in one upload is new once and a duplicate afterwards. */
function describe(
  vouchers: readonly VerifiedVoucher[],
  fresh: ReadonlyMap<string, PlacedOutcome["status"]>,
): PlacedOutcome[] {
  const seen = new Set<string>();
  return vouchers.map(({ id, position, dispute }) => {
    const name = toHex(id);
    const status = seen.has(name) ? undefined : fresh.get(name);
    seen.add(name);
    if (status === undefined) return { id, position, status: "duplicate", code: null };
    return { id, position, status, code: status === "forked" ? "COUNTER_TAKEN" : dispute };
  });
}
