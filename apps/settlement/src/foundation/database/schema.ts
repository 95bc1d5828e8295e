import type { AlarmsTable, AlarmTellingsTable } from "./tables/alarm-tables.ts";
import type {
  ChainAccountsTable,
  ChainActionsTable,
  ChainCursorTable,
  ChainEventsTable,
  ChainFaultsTable,
  ChainMessagesTable,
  ChainTransactionsTable,
  GuaranteeAccountsTable,
  KeyRotationsTable,
  TreasuryAccountsTable,
  SettledItemsTable,
  TokenDustTable,
  VaultCardsTable,
  VaultMerchantsTable,
  VaultStateCursorTable,
} from "./tables/chain-tables.ts";
import type { ChainFeesTable, FeeSharesTable, GasAccountsTable } from "./tables/fee-tables.ts";
import type {
  BookPeriodsTable,
  CaseEventsTable,
  CasesTable,
  MerchantNamesTable,
  TerminalNamesTable,
} from "./tables/console-tables.ts";
import type {
  AnomaliesTable,
  ReversalsTable,
  CounterClaimsTable,
  ForksTable,
  ReceiptsTable,
  RefusedEntriesTable,
  StateProofsTable,
  SetAsideUploadsTable,
  UploadsTable,
  VouchersTable,
} from "./tables/intake-tables.ts";
import type {
  AllowancesTable,
  CardsTable,
  FundingsTable,
  MailboxEntriesTable,
  OrderReportsTable,
  ReferenceClaimsTable,
  ReplacementsTable,
  StatusListsTable,
  TerminalsTable,
} from "./tables/issuing-tables.ts";
import type {
  ApiTokensTable,
  ArrivalPayloadsTable,
  ArrivalReceiptsTable,
  AuditEntriesTable,
  AuditHeadsTable,
  AuditNodesTable,
  AuditWordsTable,
  CertificateWithdrawalsTable,
  LateReversalsTable,
  ReversalConfirmationsTable,
  WithheldDecisionsTable,
} from "./tables/person-tables.ts";
import type { ApprovalsTable, MovementsAloneTable } from "./tables/approvals-table.ts";
import type {
  BarredAccountsTable,
  PasskeysTable,
  PeopleTable,
  SessionsTable,
  SignInKeysTable,
  SignInLinksTable,
  UsedChallengesTable,
} from "./tables/people-tables.ts";
import type { CertificateRequestsTable, FirstUnitsTable } from "./tables/joining-tables.ts";
import type { RequestNoncesTable, ReturnOrdersTable } from "./tables/request-tables.ts";
import type {
  InstallationTable,
  IssuerKeysTable,
  MoneyFaultsTable,
  MoneySumsTable,
  OutboxTable,
} from "./tables/service-tables.ts";
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
  issuer_keys: IssuerKeysTable;
  money_faults: MoneyFaultsTable;
  money_sums: MoneySumsTable;
  cards: CardsTable;
  terminals: TerminalsTable;
  uploads: UploadsTable;
  receipts: ReceiptsTable;
  set_aside_uploads: SetAsideUploadsTable;
  anomalies: AnomaliesTable;
  vouchers: VouchersTable;
  counter_claims: CounterClaimsTable;
  refused_entries: RefusedEntriesTable;
  cancellations: ReversalsTable;
  state_proofs: StateProofsTable;
  forks: ForksTable;
  allowances: AllowancesTable;
  mailbox_entries: MailboxEntriesTable;
  reference_claims: ReferenceClaimsTable;
  order_reports: OrderReportsTable;
  api_tokens: ApiTokensTable;
  status_lists: StatusListsTable;
  fundings: FundingsTable;
  replacements: ReplacementsTable;
  payouts: PayoutsTable;
  compensations: CompensationsTable;
  refunds: RefundsTable;
  refund_shares: RefundSharesTable;
  batches: BatchesTable;
  chain_accounts: ChainAccountsTable;
  chain_actions: ChainActionsTable;
  chain_transactions: ChainTransactionsTable;
  guarantee_accounts: GuaranteeAccountsTable;
  treasury_accounts: TreasuryAccountsTable;
  key_rotations: KeyRotationsTable;
  settled_items: SettledItemsTable;
  chain_messages: ChainMessagesTable;
  token_dust: TokenDustTable;
  chain_cursor: ChainCursorTable;
  chain_events: ChainEventsTable;
  chain_faults: ChainFaultsTable;
  vault_cards: VaultCardsTable;
  vault_merchants: VaultMerchantsTable;
  vault_state_cursor: VaultStateCursorTable;
  gas_accounts: GasAccountsTable;
  chain_fees: ChainFeesTable;
  fee_shares: FeeSharesTable;
  outbox: OutboxTable;
  alarms: AlarmsTable;
  alarm_tellings: AlarmTellingsTable;
  certificate_withdrawals: CertificateWithdrawalsTable;
  late_reversals: LateReversalsTable;
  reversal_confirmations: ReversalConfirmationsTable;
  arrival_receipts: ArrivalReceiptsTable;
  arrival_payloads: ArrivalPayloadsTable;
  withheld_decisions: WithheldDecisionsTable;
  audit_entries: AuditEntriesTable;
  audit_words: AuditWordsTable;
  audit_nodes: AuditNodesTable;
  audit_heads: AuditHeadsTable;
  approvals: ApprovalsTable;
  movements_alone: MovementsAloneTable;
  people: PeopleTable;
  sign_in_links: SignInLinksTable;
  sessions: SessionsTable;
  passkeys: PasskeysTable;
  used_challenges: UsedChallengesTable;
  sign_in_keys: SignInKeysTable;
  barred_accounts: BarredAccountsTable;
  request_nonces: RequestNoncesTable;
  return_orders: ReturnOrdersTable;
  cases: CasesTable;
  case_events: CaseEventsTable;
  merchant_names: MerchantNamesTable;
  terminal_names: TerminalNamesTable;
  book_periods: BookPeriodsTable;
  certificate_requests: CertificateRequestsTable;
  first_units: FirstUnitsTable;
}
