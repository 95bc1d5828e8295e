import type { ColumnType, Generated } from "kysely";

/** bytea: written as any Uint8Array, read as a Buffer (a Uint8Array too). */
type Bytes = Uint8Array;
type NullableBytes = Uint8Array | null;
type Json = ColumnType<Record<string, unknown>, string, string>;

export interface InstallationTable {
  singleton: Generated<boolean>;
  chain_id: bigint;
  vault: Bytes;
  token: Bytes;
  restore_generation: number;
}

export interface CardsTable {
  card: Bytes;
  card_key: Bytes;
  card_index: number;
  owner: Bytes;
  opening_signature: Bytes;
  reference: string;
  /** 0 valid, 1 suspended, 2 revoked, 3 lost: the status list's values (spec, status list). */
  status: Generated<number>;
  /** Suspended by the funding rule while some live allowance exceeds the bound. */
  rule_suspended: Generated<boolean>;
  /** The vault holds a proof of equivocation. */
  flagged: Generated<boolean>;
  withdrawal_seen: Generated<boolean>;
  /** Final block of its opening; null until then. */
  opened_block: bigint | null;
  /** Highest counter settled on the chain, final. */
  highest_counter: Generated<bigint>;
  /** Highest allowance seq the card has shown in a verified voucher or state proof. */
  shown_seq: Generated<bigint>;
  shown_terminated: Generated<boolean>;
  deposits_units: Generated<bigint>;
  /** A refund or a release gave value back, and the allowance was not raised yet. */
  renewal_due: Generated<boolean>;
  registered_at: Date;
}

export interface TerminalsTable {
  payee: Bytes;
  terminal_id: Bytes;
  certificate: Bytes;
  signature: NullableBytes;
  issued_at: Date;
}

export interface UploadsTable {
  hash: Bytes;
  payee: Bytes;
  terminal_id: Bytes;
  seq: bigint;
  previous_head: Bytes;
  upload: Bytes;
  signature: Bytes;
  certificate: Bytes;
  certificate_signature: Bytes;
  body: Bytes;
  received_at: Date;
}

export interface AnomaliesTable {
  id: Generated<bigint>;
  kind: string;
  payee: NullableBytes;
  terminal_id: NullableBytes;
  upload: NullableBytes;
  card: NullableBytes;
  detail: string;
  found_at: Date;
}

export interface VouchersTable {
  id: Bytes;
  card: Bytes;
  counter: bigint;
  payee: Bytes;
  amount_units: bigint;
  message: Bytes;
  context: Bytes;
  signature: Bytes;
  parity: number;
  allowance_body: Bytes;
  allowance_signature: Bytes;
  terminal_id: Bytes;
  /** The terminal's claim, seconds. */
  paid_at: bigint;
  card_key: Bytes;
  /** The PAY request it answers, rebuilt; a cancellation names the same bytes. */
  request: Bytes;
  spent_units: bigint;
  allowance_seq: bigint;
  link: Bytes;
  upload: Bytes;
  received_at: Date;
  state: string;
  /** The issuer makes good what the vault cannot pay; false when a limit was exceeded, see `dispute`. */
  promised: boolean;
  dispute: string | null;
  attempts: Generated<number>;
  batch_id: string | null;
  batch_position: number | null;
}

export interface CounterClaimsTable {
  card: Bytes;
  counter: bigint;
  voucher_id: Bytes;
}

export interface RefusedEntriesTable {
  upload: Bytes;
  position: number;
  voucher_id: NullableBytes;
  code: string;
}

export interface CancellationsTable {
  card_key: Bytes;
  request: Bytes;
  payee: Bytes;
  terminal_id: Bytes;
  signature: Bytes;
  upload: Bytes;
  received_at: Date;
}

export interface StateProofsTable {
  card: Bytes;
  proof: Bytes;
  signature: Bytes;
  counter: bigint;
  spent_units: bigint;
  seq: bigint;
  card_state: number;
  upload: Bytes;
  received_at: Date;
}

export interface ForksTable {
  card: Bytes;
  counter: bigint;
  found_at: Date;
}

export interface AllowancesTable {
  card: Bytes;
  seq: bigint;
  body: Bytes;
  signature: NullableBytes;
  max_spent_units: bigint;
  max_counter: bigint;
  stored_at: Date;
}

export interface StatusListsTable {
  seq: bigint;
  head: Bytes;
  signature: NullableBytes;
  list: Bytes;
  issued_at: Date;
  as_of: bigint;
}

export interface FundingsTable {
  id: string;
  card: Bytes;
  amount_units: bigint;
  key: string;
  action_id: string;
  created_at: Date;
}

export interface PayoutsTable {
  id: string;
  payee: Bytes;
  action_id: string;
  created_at: Date;
}

export interface CompensationsTable {
  voucher_id: Bytes;
  payee: Bytes;
  amount_units: bigint;
  action_id: string;
  created_at: Date;
}

export interface BatchesTable {
  id: string;
  state: string;
  action_id: string;
  payload: Bytes;
  payload_hash: Bytes;
  batch_root: Bytes;
  ledger_root: Bytes;
  voucher_count: number;
  result: NullableBytes;
  paid: number | null;
  skipped: number | null;
  transaction_hash: NullableBytes;
  block_number: bigint | null;
  created_at: Date;
}

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
  failure: string | null;
  mined_hash: NullableBytes;
  mined_block: bigint | null;
  mined_block_hash: NullableBytes;
  created_at: Date;
  changed_at: Date;
}

export interface ChainTransactionsTable {
  hash: Bytes;
  action_id: string;
  attempt: number;
  nonce: bigint;
  raw: Bytes;
  gas: bigint;
  max_fee: ColumnType<string, bigint, never>;
  priority_fee: ColumnType<string, bigint, never>;
  stored_at: Date;
  sent_at: Date | null;
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

export interface OutboxTable {
  id: Generated<bigint>;
  topic: string;
  subject: string;
  created_at: Date;
}

/** Every table of the settlement database, by name. */
export interface Schema {
  installation: InstallationTable;
  cards: CardsTable;
  terminals: TerminalsTable;
  uploads: UploadsTable;
  anomalies: AnomaliesTable;
  vouchers: VouchersTable;
  counter_claims: CounterClaimsTable;
  refused_entries: RefusedEntriesTable;
  cancellations: CancellationsTable;
  state_proofs: StateProofsTable;
  forks: ForksTable;
  allowances: AllowancesTable;
  status_lists: StatusListsTable;
  fundings: FundingsTable;
  payouts: PayoutsTable;
  compensations: CompensationsTable;
  batches: BatchesTable;
  chain_accounts: ChainAccountsTable;
  chain_actions: ChainActionsTable;
  chain_transactions: ChainTransactionsTable;
  settled_items: SettledItemsTable;
  chain_cursor: ChainCursorTable;
  chain_events: ChainEventsTable;
  outbox: OutboxTable;
}
