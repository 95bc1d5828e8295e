import type {
  ChainAccountsTable,
  ChainActionsTable,
  ChainCursorTable,
  ChainEventsTable,
  ChainMessagesTable,
  ChainTransactionsTable,
  SettledItemsTable,
  TokenDustTable,
  VaultCardsTable,
  VaultMerchantsTable,
  VaultStateCursorTable,
} from "./tables/chain-tables.ts";
import type {
  AnomaliesTable,
  ReversalsTable,
  CounterClaimsTable,
  ForksTable,
  ReceiptsTable,
  RefusedEntriesTable,
  StateProofsTable,
  UploadsTable,
  VouchersTable,
} from "./tables/intake-tables.ts";
import type {
  AllowancesTable,
  CardsTable,
  FundingsTable,
  StatusListsTable,
  TerminalsTable,
} from "./tables/issuing-tables.ts";
import type { InstallationTable, OutboxTable } from "./tables/service-tables.ts";
import type {
  BatchesTable,
  CompensationsTable,
  PayoutsTable,
  RefundSharesTable,
  RefundsTable,
} from "./tables/settling-tables.ts";

/** Every table of the settlement database, by name. */
export interface Schema {
  installation: InstallationTable;
  cards: CardsTable;
  terminals: TerminalsTable;
  uploads: UploadsTable;
  receipts: ReceiptsTable;
  anomalies: AnomaliesTable;
  vouchers: VouchersTable;
  counter_claims: CounterClaimsTable;
  refused_entries: RefusedEntriesTable;
  cancellations: ReversalsTable;
  state_proofs: StateProofsTable;
  forks: ForksTable;
  allowances: AllowancesTable;
  status_lists: StatusListsTable;
  fundings: FundingsTable;
  payouts: PayoutsTable;
  compensations: CompensationsTable;
  refunds: RefundsTable;
  refund_shares: RefundSharesTable;
  batches: BatchesTable;
  chain_accounts: ChainAccountsTable;
  chain_actions: ChainActionsTable;
  chain_transactions: ChainTransactionsTable;
  settled_items: SettledItemsTable;
  chain_messages: ChainMessagesTable;
  token_dust: TokenDustTable;
  chain_cursor: ChainCursorTable;
  chain_events: ChainEventsTable;
  vault_cards: VaultCardsTable;
  vault_merchants: VaultMerchantsTable;
  vault_state_cursor: VaultStateCursorTable;
  outbox: OutboxTable;
}
