import type { Bytes, NullableBytes } from "./bytes.ts";

export interface BatchesTable {
  id: string;
  state: string;
  action_id: string;
  payload: Bytes;
  payload_hash: Bytes;
  batch_root: Bytes;
  ledger_root: Bytes;
  /** Entries of the ledger's log under `ledger_root`; null in batches from before there was one. */
  ledger_size: bigint | null;
  voucher_count: number;
  /** The most that settling it may use, as it was simulated; null in batches of before. */
  gas_estimate: bigint | null;
  result: NullableBytes;
  paid: number | null;
  skipped: number | null;
  transaction_hash: NullableBytes;
  block_number: bigint | null;
  created_at: Date;
}

export interface CompensationsTable {
  voucher_id: Bytes;
  payee: Bytes;
  amount_units: bigint;
  action_id: string;
  created_at: Date;
}

export interface PayoutsTable {
  id: string;
  payee: Bytes;
  action_id: string;
  created_at: Date;
}

/** A refund in a final block, as the chain showed it. */
export interface RefundsTable {
  /** "transaction:index". */
  place: string;
  payee: Bytes;
  card: Bytes;
  units: bigint;
  /** The part that the vault still held for the payee. */
  from_earnings: bigint;
  /** The voucher that the payee's call named. */
  named_voucher: NullableBytes;
  transaction_hash: Bytes;
  block_number: bigint;
}

/** What of a refund belongs to which voucher. */
export interface RefundSharesTable {
  place: string;
  voucher_id: Bytes;
  units: bigint;
}
