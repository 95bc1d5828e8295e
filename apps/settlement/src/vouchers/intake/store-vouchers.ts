import { toHex } from "@tallystick/protocol";
import type { DatabaseTransaction } from "../../foundation/database/database.ts";
import { cancelNamed } from "../returns/reverse-vouchers.ts";
import { enqueue } from "../../foundation/outbox/outbox.ts";
import { markKnownOutcomes } from "./mark-known-outcomes.ts";
import { noteContradictions } from "./record-contradictions.ts";
import type { PlacedOutcome, UploadToStore } from "./upload-to-store.ts";
import type { VerifiedVoucher } from "../verification/upload-verdict.ts";

/** Who holds a counter, in the words of a map's key. */
function counterName(card: Uint8Array, counter: bigint | number): string {
  return `${toHex(card)}:${String(counter)}`;
}

/**
 * Stores verified vouchers. The id deduplicates; the claim of (card, counter) finds forks, also between uploads that
 * arrive at once, because the second insert waits for the first transaction to end. Both messages of a fork are kept.
 */
export async function storeVouchers(
  trx: DatabaseTransaction,
  stored: UploadToStore,
  vouchers: readonly VerifiedVoucher[],
): Promise<readonly PlacedOutcome[]> {
  const distinct = distinctInLockOrder(vouchers);
  if (distinct.length === 0) return [];
  const inserted = await insertNew(trx, stored, distinct);
  // Of two messages with one counter in one upload, the first in the body is the first.
  const fresh = [...inserted].sort((left, right) => left.position - right.position);
  const holders = await claimCounters(trx, fresh);
  const outcomes = new Map<string, PlacedOutcome["status"]>();
  const forked: VerifiedVoucher[] = [];
  for (const voucher of fresh) {
    const holder = holders.get(counterName(voucher.card, voucher.counter));
    const first = holder === toHex(voucher.id);
    outcomes.set(toHex(voucher.id), first ? "new" : "forked");
    if (!first) forked.push(voucher);
  }
  await recordForks(trx, stored, forked);
  await stored.postings.received(trx, fresh);
  const ids = fresh.map(({ id }) => id);
  // A voucher whose request the terminal cancelled is not batched (spec §6.2).
  await cancelNamed(trx, stored.postings, { ids });
  await markKnownOutcomes(trx, stored.postings, ids);
  await noteShownSequences(trx, fresh);
  await noteContradictions(trx, stored, fresh);
  return describe(vouchers, outcomes);
}

/** A voucher that stands twice in one upload is new once and a duplicate afterwards. */
function describe(
  vouchers: readonly VerifiedVoucher[],
  fresh: ReadonlyMap<string, PlacedOutcome["status"]>,
): PlacedOutcome[] {
  const told = new Set<string>();
  return vouchers.map(({ id, position, dispute }) => {
    const name = toHex(id);
    const status = told.has(name) ? undefined : fresh.get(name);
    told.add(name);
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

/** Answers who holds each counter: the voucher that claimed it first, in this transaction or long ago. */
async function claimCounters(
  trx: DatabaseTransaction,
  vouchers: readonly VerifiedVoucher[],
): Promise<Map<string, string>> {
  const holders = new Map<string, string>();
  if (vouchers.length === 0) return holders;
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
  for (const row of claimed) holders.set(counterName(row.card, row.counter), toHex(row.voucher_id));
  const all = [...firsts.values()];
  const missing = all.filter((voucher) => !holders.has(counterName(voucher.card, voucher.counter)));
  for (const row of await holdersIn(trx, "counter_claims", missing)) holders.set(row.counter, row.voucher);
  // What the vault paid already outweighs every claim: somebody handed it in without us.
  for (const row of await holdersIn(trx, "settled_items", all)) holders.set(row.counter, row.voucher);
  return holders;
}

async function holdersIn(
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

/** A fork convicts the card: it is revoked with the evidence, in the transaction that found it. */
async function recordForks(
  trx: DatabaseTransaction,
  { receivedAt }: UploadToStore,
  forked: readonly VerifiedVoucher[],
): Promise<void> {
  for (const voucher of forked) {
    const counter = BigInt(voucher.counter);
    await trx
      .insertInto("forks")
      .values({ card: voucher.card, counter, found_at: receivedAt })
      .onConflict((conflict) => conflict.columns(["card", "counter"]).doNothing())
      .execute();
    await trx
      .updateTable("vouchers")
      .set({ state: "forked" })
      .where("id", "=", voucher.id)
      .where("state", "=", "received")
      .execute();
    await trx
      .updateTable("cards")
      .set({ status: 2 })
      .where("card", "=", voucher.card)
      .where("status", "!=", 2)
      .execute();
    await enqueue(trx, "status-list", "due", receivedAt);
    await enqueue(trx, "compensate", toHex(voucher.id).slice(2), receivedAt);
    await enqueue(trx, "convict", toHex(voucher.card).slice(2), receivedAt);
  }
}

/** A voucher shows which allowance its card holds; older ones no longer count for the funding rule (spec §6.3). */
async function noteShownSequences(trx: DatabaseTransaction, vouchers: readonly VerifiedVoucher[]): Promise<void> {
  const highest = new Map<string, VerifiedVoucher>();
  for (const voucher of vouchers) {
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
