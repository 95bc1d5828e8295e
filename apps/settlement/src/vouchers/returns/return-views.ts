import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { describeReturn, type OwedReturn } from "../states/voucher-return.ts";

/** A request that its terminal reversed: nothing was given for it. */
export interface ReversalView {
  readonly payee: string;
  readonly reversedAt: string;
  /**
   * null while no upload has brought a voucher of this request: then there is nothing to return.
   */
  readonly voucher: {
    readonly voucherId: string;
    readonly card: string;
    readonly state: string;
    readonly amount: string;
    readonly owes: OwedReturn | null;
    readonly refunded: string;
  } | null;
}

/** Value that went back to a card, or a counter that was used without payment. */
export interface ReturnView {
  readonly kind: "refunded" | "released" | "voided";
  readonly final: boolean;
  readonly tx: string;
  readonly block: string;
  readonly card: string;
  readonly payee: string | null;
  /** null for a void, whose worth the neighbouring vouchers prove. */
  readonly amount: string | null;
  readonly vouchers: readonly { readonly voucherId: string; readonly amount: string }[];
  /** The part of a final refund that belongs to no voucher; "0.00" where there is none. */
  readonly ofNoVoucher: string | null;
}

/** A reversal beside its voucher; all of the voucher is null where none has come. */
type ReversalRow = { readonly payee: Uint8Array; readonly received_at: Date; readonly refunded: string } & (
  | { readonly id: null }
  | { readonly id: Uint8Array; readonly card: Uint8Array; readonly state: string; readonly amount: string }
);

interface ReturnRow {
  readonly kind: ReturnView["kind"];
  readonly final: boolean;
  readonly transaction_hash: Uint8Array;
  readonly block: string;
  readonly card: Uint8Array;
  readonly payee: Uint8Array | null;
  readonly units: string | null;
  readonly vouchers: readonly { readonly id: string; readonly units: string }[];
}

/** Reversals, releases, voids and refunds, the newest first. */
@Injectable()
export class ReturnViews {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  async reversals(): Promise<readonly ReversalView[]> {
    const { rows } = await sql<ReversalRow>`
      select c.payee, c.received_at, v.id, v.card, v.state, v.amount_units::text as amount,
        coalesce((select sum(units) from refund_shares r where r.voucher_id = v.id), 0)::text as refunded
      from (select * from cancellations order by received_at desc limit ${LIMITS.listRows}) c
        left join vouchers v on v.request = c.request and v.card_key = c.card_key
      order by c.received_at desc, v.id limit ${LIMITS.listRows}`.execute(this.db);
    return rows.map((row) => ({
      payee: toHex(row.payee),
      reversedAt: row.received_at.toISOString(),
      voucher:
        row.id === null
          ? null
          : { ...this.texts(row), voucherId: toHex(row.id), card: toHex(row.card), state: row.state },
    }));
  }

  async returns(): Promise<readonly ReturnView[]> {
    const { rows } = await sql<ReturnRow>`
      select e.kind, e.final, e.transaction_hash, e.block_number::text as block, e.card, e.payee, e.units::text as units,
        case when e.kind = 'refunded' then coalesce((
          select json_agg(json_build_object('id', encode(s.voucher_id, 'hex'), 'units', s.units::text) order by s.voucher_id)
          from refund_shares s where s.place = '0x' || encode(e.transaction_hash, 'hex') || ':' || e.log_index), '[]')
        else coalesce((
          select json_agg(json_build_object('id', encode(v.id, 'hex'), 'units', v.amount_units::text) order by v.id)
          from vouchers v where v.card = e.card and v.counter = (e.detail->>'counter')::bigint and v.state = 'released'), '[]')
        end as vouchers
      from chain_events e where e.kind in ('refunded', 'released', 'voided')
      order by e.block_number desc, e.log_index desc limit ${LIMITS.listRows}`.execute(this.db);
    return rows.map((row) => this.describe(row));
  }

  private describe(row: ReturnRow): ReturnView {
    const text = (units: bigint): string => formatTotal(units, this.asset);
    const shared = row.vouchers.reduce((sum, { units }) => sum + BigInt(units), 0n);
    const units = row.units === null ? null : BigInt(row.units);
    const isRefunded = row.kind === "refunded" && row.final;
    return {
      kind: row.kind,
      final: row.final,
      tx: toHex(row.transaction_hash),
      block: row.block,
      card: toHex(row.card),
      payee: row.payee === null ? null : toHex(row.payee),
      amount: units === null ? null : text(units),
      vouchers: row.vouchers.map(({ id, units }) => ({ voucherId: `0x${id}`, amount: text(BigInt(units)) })),
      ofNoVoucher: isRefunded && units !== null ? text(units - shared) : null,
    };
  }

  private texts({ state, amount, refunded }: { state: string; amount: string; refunded: string }) {
    const voucher = { state, reversed: true, amount: BigInt(amount), refunded: BigInt(refunded) };
    const { amount: shown, owes, refunded: back } = describeReturn(voucher, this.asset);
    return { amount: shown, owes, refunded: back };
  }
}
