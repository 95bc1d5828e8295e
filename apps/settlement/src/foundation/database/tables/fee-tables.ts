import type { ColumnType } from "kysely";
import type { Bytes, NullableBytes } from "./bytes.ts";

/** Wei: numeric columns arrive as text. */
type Wei = ColumnType<string, string, never>;

export interface GasAccountsTable {
  account: Bytes;
  opened_block: bigint;
  opened_nonce: bigint;
  opened_wei: Wei;
}

/** What one transaction in a final block cost. */
export interface ChainFeesTable {
  transaction_hash: Bytes;
  action_id: string;
  kind: string;
  /** Who paid, by the receipt. */
  account: Bytes;
  nonce: bigint;
  succeeded: boolean;
  block_number: bigint;
  /** The block's time. */
  mined_at: Date;
  gas_used: bigint;
  gas_price_wei: Wei;
  /** What the chain asks besides gas, such as for the data of a rollup. */
  other_wei: Wei;
  fee_wei: Wei;
  booked_at: Date;
}

export interface FeeSharesTable {
  transaction_hash: Bytes;
  place: number;
  voucher_id: NullableBytes;
  payee: NullableBytes;
  wei: Wei;
}
