import { fromHex, toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";
import type { VoucherEnd } from "./statement-form.ts";

/** By a voucher's state; one that is in another is not at its end. */
const ENDS: Readonly<Record<string, VoucherEnd>> = {
  ...{ cancelled: "reversed", released: "released", compensated: "compensated", disputed: "disputed" },
  // The vault paid it, before it was uploaded or after its hold had ended: by a line of its own.
  ...{ final: "paid", refunded: "paid" },
};

/** What is known of an operation's voucher and transaction beside the books. */
export interface LineFacts {
  readonly card: string | null;
  readonly counter: number | null;
  readonly terminal: string | null;
  readonly soldAt: string | null;
  readonly batch: string | null;
  readonly tx: string | null;
  readonly gasWei: bigint | null;
}

export const NO_FACTS: LineFacts = {
  ...{ card: null, counter: null, terminal: null, soldAt: null, batch: null, tx: null, gasWei: null },
};

/** What became of a voucher by the time at which the statement was made, and why it is disputed. */
interface EndFacts {
  readonly became: VoucherEnd | null;
  readonly code: string | null;
}

/** A voucher's facts for each kind of line. */
export interface KnownVoucher {
  readonly paid: LineFacts;
  readonly borne: LineFacts;
  readonly plain: LineFacts;
  readonly end: EndFacts;
}

interface VoucherRow {
  readonly id: Uint8Array;
  readonly card: Uint8Array | null;
  readonly counter: bigint | null;
  readonly terminal_id: Uint8Array | null;
  readonly paid_at: bigint | null;
  readonly state: string | null;
  readonly dispute: string | null;
  readonly batch_id: string | null;
  readonly paid_by: Uint8Array | null;
  readonly paid_gas: string | null;
  readonly borne_by: Uint8Array | null;
  readonly borne_gas: string | null;
}

/** What the vouchers of some lines are: who sold them when, and what paid them for how much gas. */
export async function voucherFacts(
  db: Database,
  vouchers: readonly string[],
): Promise<ReadonlyMap<string, KnownVoucher>> {
  if (vouchers.length === 0) return new Map();
  const { rows } = await sql<VoucherRow>`
    select n.id, coalesce(v.card, s.card) as card, coalesce(v.counter, s.counter) as counter, v.terminal_id, v.paid_at,
      v.state, v.dispute, v.batch_id::text as batch_id, s.transaction_hash as paid_by, p.wei::text as paid_gas,
      a.mined_hash as borne_by, b.wei::text as borne_gas
    from unnest(${vouchers.map((id) => Buffer.from(fromHex(id, 32)))}::bytea[]) n (id)
    left join lateral (select x.* from vouchers x where x.id = n.id offset 0) v on true
    left join lateral (select x.* from settled_items x where x.voucher_id = n.id offset 0) s on true
    left join lateral (select x.* from compensations x where x.voucher_id = n.id offset 0) c on true
    left join chain_actions a on a.id = c.action_id
    left join lateral (select x.wei from fee_shares x
      where x.voucher_id = n.id and x.transaction_hash = s.transaction_hash limit 1) p on true
    left join lateral (select x.wei from fee_shares x
      where x.voucher_id = n.id and x.transaction_hash = a.mined_hash limit 1) b on true`.execute(db);
  return new Map(
    rows.map((row) => {
      const plain = {
        card: hexOf(row.card),
        counter: row.counter === null ? null : Number(row.counter),
        terminal: hexOf(row.terminal_id),
        soldAt: row.paid_at === null ? null : new Date(Number(row.paid_at) * 1_000).toISOString(),
        ...{ batch: null, tx: null, gasWei: null },
      };
      const paid = { ...plain, batch: row.batch_id, tx: hexOf(row.paid_by), gasWei: weiOf(row.paid_gas) };
      const borne = { ...plain, tx: hexOf(row.borne_by), gasWei: weiOf(row.borne_gas) };
      const became = row.state === null ? null : (ENDS[row.state] ?? null);
      const end = { became, code: became === "disputed" ? row.dispute : null };
      return [toHex(row.id), { paid, borne, plain, end }];
    }),
  );
}

/** What transactions cost in all, by their hashes. */
export async function transactionGas(
  db: Database,
  transactions: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  if (transactions.length === 0) return new Map();
  const rows = await db
    .selectFrom("chain_fees")
    .select(["transaction_hash", "fee_wei"])
    .where(
      "transaction_hash",
      "in",
      transactions.map((hash) => fromHex(hash, 32)),
    )
    .execute();
  return new Map(rows.map((row) => [toHex(row.transaction_hash), BigInt(row.fee_wei)]));
}

function hexOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : toHex(bytes);
}

function weiOf(text: string | null): bigint | null {
  return text === null ? null : BigInt(text);
}
