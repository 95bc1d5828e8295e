import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { DATABASE, type Database } from "../../../foundation/database/database.ts";
import { ASSET } from "../../../foundation/http/amounts.ts";
import { Problem } from "../../../foundation/http/problem.ts";
import { LONG_ROWS } from "../limits.ts";

/** A transaction as settlement knows it: its own, or one whose events it took in. */
export interface TransactionView {
  readonly hash: string;
  /** What it is of ours; null of somebody else's. */
  readonly own: {
    readonly kind: string;
    readonly state: string;
    readonly nonce: string;
    readonly gas: string;
    readonly maxFee: string;
    readonly sentAt: string | null;
    readonly block: string | null;
    readonly batch: string | null;
    readonly failure: string | null;
  } | null;
  readonly events: readonly {
    readonly kind: string;
    readonly block: string;
    readonly final: boolean;
    readonly card: string | null;
    readonly payee: string | null;
    readonly amount: string | null;
  }[];
  readonly vouchers: readonly { readonly id: string; readonly amount: string; readonly payee: string }[];
}

@Injectable()
export class TransactionReader {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  /** Throws Problem NOT_FOUND. */
  async find(hash: Uint8Array): Promise<TransactionView> {
    const [own, events, vouchers] = await Promise.all([this.own(hash), this.events(hash), this.vouchers(hash)]);
    if (own === null && events.length === 0 && vouchers.length === 0)
      throw new Problem("NOT_FOUND", "Settlement has neither sent this transaction nor seen an event of it.");
    return { hash: toHex(hash), own, events, vouchers };
  }

  private async own(hash: Uint8Array): Promise<TransactionView["own"]> {
    const { rows } = await sql<OwnRow>`
      select a.kind, a.state, t.nonce::text as nonce, t.gas::text as gas, t.max_fee::text as "maxFee", t.sent_at,
        a.mined_block::text as block, a.failure, (select b.id from batches b where b.action_id = a.id limit 1) as batch
      from chain_transactions t join chain_actions a on a.id = t.action_id where t.hash = ${hash}`.execute(this.db);
    const [row] = rows;
    if (row === undefined) return null;
    const { sent_at, ...rest } = row;
    return { ...rest, sentAt: sent_at?.toISOString() ?? null };
  }

  private async events(hash: Uint8Array): Promise<TransactionView["events"]> {
    const rows = await this.db
      .selectFrom("chain_events")
      .select(["kind", "block_number", "final", "card", "payee", "units"])
      .where("transaction_hash", "=", hash)
      .orderBy("log_index")
      .limit(LONG_ROWS)
      .execute();
    return rows.map(({ kind, block_number, final, card, payee, units }) => ({
      ...{ kind, block: block_number.toString(), final },
      card: card === null ? null : toHex(card),
      payee: payee === null ? null : toHex(payee),
      amount: units === null ? null : this.amount(units),
    }));
  }

  private async vouchers(hash: Uint8Array): Promise<TransactionView["vouchers"]> {
    const rows = await this.db
      .selectFrom("settled_items")
      .select(["voucher_id", "amount_units", "payee"])
      .where("transaction_hash", "=", hash)
      .limit(LONG_ROWS)
      .execute();
    return rows.map(({ voucher_id: id, amount_units: units, payee }) => ({
      ...{ id: toHex(id), amount: this.amount(units), payee: toHex(payee) },
    }));
  }

  private amount(units: bigint): string {
    return `${formatTotal(units, this.asset)} ${this.asset.code}`;
  }
}

interface OwnRow {
  readonly kind: string;
  readonly state: string;
  readonly nonce: string;
  readonly gas: string;
  readonly maxFee: string;
  readonly sent_at: Date | null;
  readonly block: string | null;
  readonly batch: string | null;
  readonly failure: string | null;
}
