import type { ColumnType, Generated } from "kysely";
import type { Bytes, NullableBytes } from "./bytes.ts";

type Json = ColumnType<Record<string, unknown>, string, string>;

export interface ChainAccountsTable {
  address: Bytes;
  next_nonce: bigint;
}

export interface ChainActionsTable {
  id: string;
  key: string;
  kind: string;
  account: Bytes;
  target: Bytes;
  data: Bytes;
  after_actions: string[];
  state: string;
  nonce: bigint | null;
  gas: bigint | null;
  /** A final block has used the nonce, and none of our transactions was seen in a block. */
  nonce_taken: Generated<boolean>;
  failure: string | null;
  mined_hash: NullableBytes;
  mined_block: bigint | null;
  mined_block_hash: NullableBytes;
  created_at: Date;
  changed_at: Date;
  /** Its receipt's events were found among those recorded. */
  events_checked: Generated<boolean>;
  /** Times that it was refused since it was planned or a person had it tried again. */
  refusals: Generated<number>;
  /** When it is planned again, having been refused; null where it is not. */
  retry_at: ColumnType<Date | null, Date | null | undefined>;
  /** Wei that go along. */
  value_wei: ColumnType<string, string | undefined, never>;
  /** When a person gave it up. */
  abandoned_at: ColumnType<Date | null, Date | null | undefined>;
  /** When something else took the place of one that was given up: nobody tries it again. */
  closed_at: ColumnType<Date | null, Date | null | undefined>;
  /** When it ended without effect first, until it is mined; null also where a version before wrote the row. */
  failed_since: ColumnType<Date | null, Date | null | undefined>;
}

/** What is wrong with the chain now. */
export interface ChainFaultsTable {
  code: string;
  detail: string;
  since: Date;
  seen_at: Date;
  times: Generated<bigint>;
}

/** Accounts that are or were the treasury. */
export interface TreasuryAccountsTable {
  address: Bytes;
  /** Below 0 for the first one: all of its blocks count. */
  opened_block: bigint;
}

/** One account takes the place of another. */
export interface KeyRotationsTable {
  id: Generated<bigint>;
  purpose: "gas" | "treasury";
  former: Bytes;
  successor: Bytes;
  announced_at: Date;
  /** Since when the former one does nothing for this service any more. */
  ended_at: ColumnType<Date | null, Date | null | undefined>;
}

/** Accounts that compensations are or were paid from. */
export interface GuaranteeAccountsTable {
  address: Bytes;
  opened_block: bigint;
}

export interface ChainTransactionsTable {
  hash: Bytes;
  account: Bytes;
  action_id: string;
  attempt: number;
  nonce: bigint;
  raw: Bytes;
  gas: bigint;
  max_fee: ColumnType<string, bigint, never>;
  priority_fee: ColumnType<string, bigint, never>;
  stored_at: Date;
  sent_at: Date | null;
  /** What its nonce cost is in the books. */
  fee_booked: Generated<boolean>;
}

export interface ChainCursorTable {
  singleton: Generated<boolean>;
  block_number: bigint;
  block_hash: Bytes;
  block_time: bigint;
}

export interface ChainEventsTable {
  block_number: bigint;
  log_index: number;
  block_hash: Bytes;
  transaction_hash: Bytes;
  final: boolean;
  kind: string;
  card: NullableBytes;
  payee: NullableBytes;
  units: bigint | null;
  detail: Json;
}

export interface SettledItemsTable {
  voucher_id: Bytes;
  card: Bytes;
  counter: bigint;
  payee: Bytes;
  amount_units: bigint;
  transaction_hash: Bytes;
  block_number: bigint;
}

/** A message that used its counter on the chain and that no upload had brought by then. */
export interface ChainMessagesTable {
  voucher_id: Bytes;
  card: Bytes;
  counter: bigint;
  payee: Bytes;
  amount_units: bigint;
  used_by: "settled" | "released";
  message: Bytes;
  signature: Bytes;
  parity: number;
  transaction_hash: Bytes;
  block_number: bigint;
}

/** What of an own account's tokens is below one unit. */
export interface TokenDustTable {
  account: Bytes;
  /** Base units, below the vault's scale. */
  base_units: ColumnType<string, bigint, bigint>;
}

export interface VaultCardsTable {
  card: Bytes;
  /** A card as `VaultState.save` writes it. */
  saved: Json;
}

export interface VaultMerchantsTable {
  merchant: Bytes;
  saved: Json;
}

export interface VaultStateCursorTable {
  singleton: Generated<boolean>;
  block_number: bigint;
}
