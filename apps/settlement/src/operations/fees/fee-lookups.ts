import { Inject, Injectable } from "@nestjs/common";
import { sql } from "kysely";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { MERCHANT_FEE_TRANSACTIONS } from "./limits.ts";

/** What was booked for one thing; wei as decimal text. */
export interface BookedFees {
  readonly wei: string;
  readonly transactions: number;
}

/** What a merchant's parts cost since a time. */
export interface MerchantFees extends BookedFees {
  readonly vouchers: number;
  /** There are more transactions than were looked at. */
  readonly more: boolean;
}

/** What one final transaction cost. */
export interface TransactionFee {
  readonly wei: string;
  readonly gasUsed: string;
  readonly gasPriceWei: string;
  /** What the chain took beside gas times price. */
  readonly otherWei: string;
  readonly bookedAt: string;
}

/** Booked fees of one batch, merchant or transaction, for pages: each statement reads a bounded part. */
@Injectable()
export class FeeLookups {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  /** Null while it is not booked: it is not final, or settlement did not send it. */
  async transaction(hash: Uint8Array): Promise<TransactionFee | null> {
    const row = await this.db
      .selectFrom("chain_fees")
      .select(["fee_wei", "gas_used", "gas_price_wei", "other_wei", "booked_at"])
      .where("transaction_hash", "=", hash)
      .executeTakeFirst();
    if (row === undefined) return null;
    return {
      ...{ wei: row.fee_wei, gasUsed: row.gas_used.toString(), gasPriceWei: row.gas_price_wei },
      ...{ otherWei: row.other_wei, bookedAt: row.booked_at.toISOString() },
    };
  }

  /** A batch's own transaction, and those that gave gas to its vouchers' payers; every try of each that cost something. */
  async batch(id: string, vouchers: readonly string[]): Promise<BookedFees> {
    const keys = [`settle:${id}`, ...vouchers.map((voucher) => `advance:${id}:${voucher}`)];
    const { rows } = await sql<BookedFees>`
      select count(*)::int as transactions, coalesce(sum(f.fee_wei), 0)::text as wei
      from chain_actions a join chain_transactions t on t.action_id = a.id
      join chain_fees f on f.transaction_hash = t.hash where a.key = any(${keys}::text[])`.execute(this.db);
    return rows[0] ?? { wei: "0", transactions: 0 };
  }

  /** A merchant's parts of the transactions since a time, of the newest of them. */
  async merchant(payee: Uint8Array, sinceMs: number): Promise<MerchantFees> {
    const { rows } = await sql<BookedFees & { readonly vouchers: number; readonly looked: number }>`
      with newest as (
        select transaction_hash from chain_fees where mined_at >= ${new Date(sinceMs)}
        order by mined_at desc, transaction_hash desc limit ${MERCHANT_FEE_TRANSACTIONS + 1}::int),
      own as (
        select s.* from newest n join fee_shares s on s.transaction_hash = n.transaction_hash where s.payee = ${payee})
      select count(distinct transaction_hash)::int as transactions, count(distinct voucher_id)::int as vouchers,
        coalesce(sum(wei), 0)::text as wei, (select count(*) from newest)::int as looked from own`.execute(this.db);
    const { wei = "0", transactions = 0, vouchers = 0, looked = 0 } = rows[0] ?? {};
    return { wei, transactions, vouchers, more: looked > MERCHANT_FEE_TRANSACTIONS };
  }
}
