import { fromHex, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { paidOutAccount } from "../../books/postings/chart-of-accounts.ts";
import type { Database } from "../../foundation/database/database.ts";
import { namedBy } from "./statement-effects.ts";

/**
 * How money reached a payee's address, or left it again: by a payout that was asked for here, by one
 * that the payee itself or anybody else called for on the chain, by the issuer's own transfer, or
 * back to a card from the payee's wallet.
 */
export const REACHED_KINDS = ["payout", "payout-by-others", "compensation", "refund", "other"] as const;

export type ReachedKind = (typeof REACHED_KINDS)[number];

/** One of them; `units` is below zero where money left. */
export interface Reached {
  readonly kind: ReachedKind;
  readonly units: bigint;
  readonly at: Date;
  readonly tx: string | null;
  /** Of a compensation and of a refund that belongs to one. */
  readonly voucher: string | null;
}

interface Row {
  readonly transfer: string;
  readonly side: string;
  readonly amount: string;
  readonly after: string;
  readonly booked_at_ms: string;
}

/**
 * What makes up all that was ever paid out to a payee, by the books, the newest first. `before` is
 * the sum of what is older than the last of them, in units: with it they come to the balance of the
 * payee's account `paid-out`.
 */
export async function moneyReached(
  db: Database,
  payee: Uint8Array,
  most: number,
): Promise<{ readonly reached: readonly Reached[]; readonly before: bigint }> {
  const { rows } = await sql<Row>`
    select e.transfer, e.side, t.amount::text, (e.debits_posted - e.credits_posted)::text as after, e.booked_at_ms::text
    from (select * from ledger_entries where account = ${paidOutAccount(payee)}
      order by version desc limit ${most}::int) e
    cross join lateral (select x.amount from ledger_transfers x where x.id = e.transfer offset 0) t
    order by e.version desc`.execute(db);
  const named = rows.map(({ transfer }) => namedBy(transfer));
  const [asked, transfers] = await Promise.all([
    askedHere(
      db,
      payee,
      named.flatMap(({ kind, tx }) => (kind === "payout" && tx !== null ? [tx] : [])),
    ),
    compensationsOf(
      db,
      named.flatMap(({ kind, voucher }) => (kind === "compensated" && voucher !== null ? [voucher] : [])),
    ),
  ]);
  const reached = rows.map(({ side, amount, booked_at_ms: at }, place): Reached => {
    const { kind, voucher, tx } = namedBy(rows[place]?.transfer ?? "");
    const units = side === "debit" ? BigInt(amount) : -BigInt(amount);
    const facts = { units, at: new Date(Number(at)), tx, voucher };
    if (kind === "payout") return { ...facts, kind: tx !== null && asked.has(tx) ? "payout" : "payout-by-others" };
    if (kind === "refund") return { ...facts, kind };
    if (kind !== "compensated") return { ...facts, kind: "other" };
    return { ...facts, kind: "compensation", tx: transfers.get(voucher ?? "") ?? null };
  });
  const [last, oldest] = [rows.at(-1), reached.at(-1)];
  return { reached, before: last === undefined ? 0n : BigInt(last.after) - (oldest?.units ?? 0n) };
}

/** Those of the transactions that a payout of this payee planned. */
async function askedHere(db: Database, payee: Uint8Array, txs: readonly string[]): Promise<ReadonlySet<string>> {
  if (txs.length === 0) return new Set();
  const rows = await db
    .selectFrom("payouts")
    .innerJoin("chain_actions", "chain_actions.id", "payouts.action_id")
    .select("chain_actions.mined_hash")
    .where("payouts.payee", "=", payee)
    .where(
      "chain_actions.mined_hash",
      "in",
      txs.map((tx) => fromHex(tx, 32)),
    )
    .execute();
  return new Set(rows.flatMap(({ mined_hash: hash }) => (hash === null ? [] : [toHex(hash)])));
}

/** The issuer's transfers, by their vouchers. */
async function compensationsOf(db: Database, vouchers: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (vouchers.length === 0) return new Map();
  const rows = await db
    .selectFrom("compensations")
    .innerJoin("chain_actions", "chain_actions.id", "compensations.action_id")
    .select(["compensations.voucher_id", "chain_actions.mined_hash"])
    .where(
      "compensations.voucher_id",
      "in",
      vouchers.map((id) => fromHex(id, 32)),
    )
    .execute();
  return new Map(
    rows.flatMap(({ voucher_id: id, mined_hash: hash }) => (hash === null ? [] : [[toHex(id), toHex(hash)] as const])),
  );
}
