import { toHex } from "@tallystick/protocol";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { enqueue, subjectOf } from "../../foundation/outbox/outbox.ts";
import { recordFork } from "../forks/record-fork.ts";
import { countSigned } from "../forks/signed-sum.ts";
import { reverseNamed } from "../returns/reverse-vouchers.ts";
import type { VerifiedVoucher } from "../verification/upload-verdict.ts";
import { markKnownOutcomes } from "./mark-known-outcomes.ts";
import { recordContradictions } from "./record-contradictions.ts";
import type { PlacedOutcome, UploadToStore } from "./upload-to-store.ts";

/** A card's counter as the key of a map. */
function counterName(card: Uint8Array, counter: bigint | number): string {
  return `${toHex(card)}:${String(counter)}`;
}

/**
 * Stores verified vouchers. The id deduplicates; the claim of (card, counter) finds forks, also
 * between uploads that arrive at once, because the second insert waits for the first transaction to
 * end. Both messages of a fork are kept.
 */
export async function storeVouchers(
  trx: DatabaseTransaction,
  stored: UploadToStore,
  vouchers: readonly VerifiedVoucher[],
): Promise<readonly PlacedOutcome[]> {
  const distinct = distinctInLockOrder(vouchers);
  if (distinct.length === 0) return [];
  const inserted = await insertNew(trx, stored, distinct);
  await recordEarlierArrival(trx, stored, distinct);
  // Of two messages with one counter in one upload, the first in the body is the first.
  const fresh = [...inserted].sort((left, right) => left.position - right.position);
  const { claims, unknown } = await claimCounters(trx, fresh);
  const givenUp = await givenUpForOthers(trx, fresh);
  const outcomes = new Map<string, PlacedOutcome["status"]>();
  const forked: VerifiedVoucher[] = [];
  for (const voucher of fresh) {
    const claimedBy = claims.get(counterName(voucher.card, voucher.counter));
    const first = claimedBy === toHex(voucher.id) && !givenUp.has(toHex(voucher.id));
    outcomes.set(toHex(voucher.id), first ? "new" : "forked");
    if (!first) forked.push(voucher);
  }
  await recordForks(trx, stored, forked);
  await stored.postings.received(trx, fresh);
  const ids = fresh.map(({ id }) => id);
  // A voucher whose request the terminal reversed is not batched (spec §6.2).
  await reverseNamed(trx, stored.postings, { ids });
  await markKnownOutcomes(trx, stored.postings, ids);
  await recordShownSequences(trx, fresh);
  await recordContradictions(trx, stored, fresh);
  await countSigned(trx, unknown, stored.receivedAt);
  return describe(vouchers, outcomes);
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

function distinctInLockOrder(vouchers: readonly VerifiedVoucher[]): VerifiedVoucher[] {
  const byId = new Map<string, VerifiedVoucher>();
  for (const voucher of vouchers) if (!byId.has(toHex(voucher.id))) byId.set(toHex(voucher.id), voucher);
  return inLockOrder([...byId.values()]);
}

/** The order in which every upload takes its locks. */
function inLockOrder(vouchers: readonly VerifiedVoucher[]): VerifiedVoucher[] {
  return [...vouchers].sort(
    (left, right) =>
      Buffer.compare(left.card, right.card) || left.counter - right.counter || Buffer.compare(left.id, right.id),
  );
}

async function insertNew(
  trx: DatabaseTransaction,
  { hash, receivedAt }: UploadToStore,
  vouchers: readonly VerifiedVoucher[],
): Promise<VerifiedVoucher[]> {
  const inserted = await trx
    .insertInto("vouchers")
    .values(
      vouchers.map((voucher) => ({
        id: voucher.id,
        card: voucher.card,
        counter: BigInt(voucher.counter),
        payee: voucher.payee,
        amount_units: voucher.amount,
        message: voucher.message,
        context: voucher.context,
        signature: voucher.signature,
        parity: voucher.parity,
        allowance_body: voucher.allowanceBody,
        allowance_signature: voucher.allowanceSignature,
        terminal_id: voucher.terminalId,
        paid_at: BigInt(voucher.time),
        card_key: voucher.cardKey,
        request: voucher.request,
        spent_units: voucher.spent,
        allowance_seq: BigInt(voucher.allowanceSeq),
        link: voucher.link,
        upload: hash,
        received_at: receivedAt,
        state: "received",
        promised: voucher.dispute === null,
        dispute: voucher.dispute,
        batch_id: null,
        batch_position: null,
      })),
    )
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .execute();
  const ids = new Set(inserted.map((row) => toHex(row.id)));
  return vouchers.filter((voucher) => ids.has(toHex(voucher.id)));
}

/**
 * Keeps that an upload held vouchers which are known by one that arrived later: its receipt may be
 * older than the database (spec §6.12).
 */
async function recordEarlierArrival(
  trx: DatabaseTransaction,
  { hash, receivedAt }: UploadToStore,
  vouchers: readonly VerifiedVoucher[],
): Promise<void> {
  const seconds = Math.floor(receivedAt.getTime() / 1_000);
  const later = await trx
    .selectFrom("vouchers")
    .select("id")
    .where(
      "id",
      "in",
      vouchers.map(({ id }) => id),
    )
    .where("received_at", ">=", new Date((seconds + 1) * 1_000))
    .execute();
  if (later.length === 0) return;
  await trx
    .insertInto("arrival_receipts")
    .values(later.map(({ id }) => ({ voucher_id: id, upload: hash, received_at: BigInt(seconds) })))
    .onConflict((conflict) => conflict.columns(["voucher_id", "upload"]).doNothing())
    .execute();
}

interface Claims {
  /** The voucher that claimed each counter first, in this transaction or before. */
  readonly claims: ReadonlyMap<string, string>;
  /** Vouchers of whose counter no message was known before. */
  readonly unknown: readonly VerifiedVoucher[];
}

async function claimCounters(trx: DatabaseTransaction, vouchers: readonly VerifiedVoucher[]): Promise<Claims> {
  const claims = new Map<string, string>();
  if (vouchers.length === 0) return { claims, unknown: [] };
  const firsts = new Map<string, VerifiedVoucher>();
  for (const voucher of vouchers) {
    const name = counterName(voucher.card, voucher.counter);
    if (!firsts.has(name)) firsts.set(name, voucher);
  }
  const claimed = await trx
    .insertInto("counter_claims")
    .values(
      inLockOrder([...firsts.values()]).map(({ card, counter, id }) => ({
        card,
        counter: BigInt(counter),
        voucher_id: id,
      })),
    )
    .onConflict((conflict) => conflict.columns(["card", "counter"]).doNothing())
    .returning(["card", "counter", "voucher_id"])
    .execute();
  for (const row of claimed) claims.set(counterName(row.card, row.counter), toHex(row.voucher_id));
  const all = [...firsts.values()];
  const missing = all.filter((voucher) => !claims.has(counterName(voucher.card, voucher.counter)));
  for (const row of await claimsIn(trx, "counter_claims", missing)) claims.set(row.counter, row.voucher);
  // What the vault has paid outweighs every claim: someone else submitted it.
  const settled = await claimsIn(trx, "settled_items", all);
  for (const row of settled) claims.set(row.counter, row.voucher);
  const known = new Set([
    ...missing.map(({ card, counter }) => counterName(card, counter)),
    ...settled.map((row) => row.counter),
  ]);
  return { claims, unknown: all.filter(({ card, counter }) => !known.has(counterName(card, counter))) };
}

/**
 * Ids of vouchers whose counter a final block shows to be released by another payee, or for another
 * amount: that was another message, though it may stand nowhere.
 */
async function givenUpForOthers(
  trx: DatabaseTransaction,
  vouchers: readonly VerifiedVoucher[],
): Promise<ReadonlySet<string>> {
  if (vouchers.length === 0) return new Set();
  const releases = await trx
    .selectFrom("chain_events")
    .select(["card", "payee", "units", "detail"])
    .where("kind", "=", "released")
    .where("final", "=", true)
    .where(
      "card",
      "in",
      vouchers.map(({ card }) => card),
    )
    .execute();
  const used = new Map(
    releases.map(({ card, payee, units, detail }) => [
      counterName(card ?? new Uint8Array(0), Number(detail["counter"])),
      `${toHex(payee ?? new Uint8Array(0))}:${units}`,
    ]),
  );
  const others = vouchers.filter(({ card, counter, payee, amount }) => {
    const by = used.get(counterName(card, counter));
    return by !== undefined && by !== `${toHex(payee)}:${amount}`;
  });
  return new Set(others.map(({ id }) => toHex(id)));
}

async function claimsIn(
  trx: DatabaseTransaction,
  table: "counter_claims" | "settled_items",
  vouchers: readonly VerifiedVoucher[],
): Promise<{ counter: string; voucher: string }[]> {
  if (vouchers.length === 0) return [];
  const rows = await trx
    .selectFrom(table)
    .select(["card", "counter", "voucher_id"])
    .where((where) =>
      where(
        where.refTuple("card", "counter"),
        "in",
        vouchers.map(({ card, counter }) => where.tuple(card, BigInt(counter))),
      ),
    )
    .execute();
  return rows.map((row) => ({ counter: counterName(row.card, row.counter), voucher: toHex(row.voucher_id) }));
}

/** Forked vouchers wait for the first message of their counter; their cards are convicted. */
async function recordForks(
  trx: DatabaseTransaction,
  { receivedAt }: UploadToStore,
  forked: readonly VerifiedVoucher[],
): Promise<void> {
  for (const voucher of forked) {
    await recordFork(trx, { card: voucher.card, counter: BigInt(voucher.counter), foundAt: receivedAt });
    await trx
      .updateTable("vouchers")
      .set({ state: "forked" })
      .where("id", "=", voucher.id)
      .where("state", "=", "received")
      .execute();
    await enqueue(trx, "status-list", "due", receivedAt);
    await enqueue(trx, "compensate", subjectOf(voucher.id), receivedAt);
    await enqueue(trx, "convict", subjectOf(voucher.card), receivedAt);
  }
}

/**
 * A voucher shows which allowance its card holds; older ones no longer count for the funding rule
 * (spec §6.3).
 */
async function recordShownSequences(trx: DatabaseTransaction, vouchers: readonly VerifiedVoucher[]): Promise<void> {
  const highest = new Map<string, VerifiedVoucher>();
  // A sequence without the allowance that the issuer signed under it shows nothing.
  for (const voucher of vouchers.filter(({ showsAllowance }) => showsAllowance)) {
    const name = toHex(voucher.card);
    const known = highest.get(name);
    if (known === undefined || known.allowanceSeq < voucher.allowanceSeq) highest.set(name, voucher);
  }
  const rows = [...highest.values()].sort((left, right) => Buffer.compare(left.card, right.card));
  for (const { card, allowanceSeq } of rows) {
    await trx
      .updateTable("cards")
      .set({ shown_seq: BigInt(allowanceSeq) })
      .where("card", "=", card)
      .where("shown_seq", "<", BigInt(allowanceSeq))
      .execute();
  }
}
