import type { Migration } from "kysely/migration";
import { flatBooksMigration } from "./books/ledger/flat-books-migration.ts";
import { ledgerLogMigration } from "./books/ledger/ledger-log-migration.ts";
import { leanGroupsMigration } from "./books/ledger/lean-groups-migration.ts";
import { quickGroupsMigration } from "./books/ledger/quick-groups-migration.ts";
import { ledgerMigration } from "./books/ledger/ledger-migration.ts";
import { first } from "./foundation/database/migrations/0001-first.ts";
import { refunds } from "./foundation/database/migrations/0003-refunds.ts";
import { anchoredRoots } from "./foundation/database/migrations/chain/0005-anchored-roots.ts";
import { vaultState } from "./foundation/database/migrations/chain/0006-vault-state.ts";
import { nonceTaken } from "./foundation/database/migrations/chain/0007-nonce-taken.ts";
import { certificateLength } from "./foundation/database/migrations/0008-certificate-length.ts";
import { receipts } from "./foundation/database/migrations/0009-receipts.ts";
import { guarantee } from "./foundation/database/migrations/0010-guarantee.ts";
import { chainRules } from "./foundation/database/migrations/chain/0011-chain-rules.ts";
import { guaranteeAccount } from "./foundation/database/migrations/chain/0012-guarantee-account.ts";
import { persons } from "./foundation/database/migrations/persons/0013-persons.ts";
import { setAsideUploads } from "./foundation/database/migrations/0014-set-aside-uploads.ts";
import { terminalRequests } from "./foundation/database/migrations/0015-terminal-requests.ts";
import { chainFaults } from "./foundation/database/migrations/chain/0016-chain-faults.ts";
import { watched } from "./foundation/database/migrations/chain/0018-watched.ts";
import { uploadQuota } from "./foundation/database/migrations/0022-upload-quota.ts";
import { mailbox } from "./foundation/database/migrations/0023-mailbox.ts";
import { cardReferences } from "./foundation/database/migrations/0027-card-references.ts";
import { replacements } from "./foundation/database/migrations/0030-replacements.ts";
import { cardMasterKeys } from "./foundation/database/migrations/0028-card-master-keys.ts";
import { apiTokens } from "./foundation/database/migrations/persons/0035-api-tokens.ts";
import { people } from "./foundation/database/migrations/persons/0039-people.ts";
import { auditWords } from "./foundation/database/migrations/persons/0040-audit-words.ts";
import { approvals } from "./foundation/database/migrations/persons/0041-approvals.ts";
import { voucherPauses } from "./foundation/database/migrations/0036-voucher-pauses.ts";
import { renewals } from "./foundation/database/migrations/merchants/0037-renewals.ts";
import { joining } from "./foundation/database/migrations/merchants/0038-joining.ts";
import { passkeyNames } from "./foundation/database/migrations/persons/0050-passkey-names.ts";
import { approvalOrder } from "./foundation/database/migrations/persons/0051-approval-order.ts";
import { cardOwners } from "./foundation/database/migrations/operations/0069-card-owners.ts";
import { claimsByTime } from "./foundation/database/migrations/operations/0052-claims-by-time.ts";
import { orderReports } from "./foundation/database/migrations/operations/0053-order-reports.ts";
import { reportCards } from "./foundation/database/migrations/operations/0054-report-cards.ts";
import { barredAccounts } from "./foundation/database/migrations/persons/0060-barred-accounts.ts";
import { openWork } from "./foundation/database/migrations/operations/0059-open-work.ts";
import { moneySums } from "./foundation/database/migrations/chain/0064-money-sums.ts";
import { anomalyMessages } from "./foundation/database/migrations/operations/0055-anomaly-messages.ts";
import { searchedIds } from "./foundation/database/migrations/operations/0056-searched-ids.ts";
import { alarms } from "./foundation/database/migrations/persons/0047-alarms.ts";
import { restoredCopies } from "./foundation/database/migrations/chain/0046-restored-copies.ts";
import { failedSince } from "./foundation/database/migrations/chain/0067-failed-since.ts";
import { restUnitsGiven } from "./foundation/database/migrations/chain/0068-rest-units.ts";
import { emptiedCards } from "./foundation/database/migrations/chain/0070-emptied-cards.ts";
import { cardWithdrawals } from "./foundation/database/migrations/chain/0071-card-withdrawals.ts";
import { keyRotations } from "./foundation/database/migrations/chain/0048-key-rotations.ts";
import { referenceClaims } from "./foundation/database/migrations/0032-reference-claims.ts";
import { movementsAlone } from "./foundation/database/migrations/persons/0066-movements-alone.ts";
import { newestOccurrences } from "./foundation/database/migrations/persons/0062-newest-occurrences.ts";
import { replacementApprovals } from "./foundation/database/migrations/persons/0061-replacement-approvals.ts";
import { cases } from "./foundation/database/migrations/operations/0042-cases.ts";
import { consoleIndexes } from "./foundation/database/migrations/operations/0043-console.ts";
import { gasFees } from "./foundation/database/migrations/books/0044-gas-fees.ts";
import { flatIntake } from "./foundation/database/migrations/0021-flat-intake.ts";

/** Every change of the database's layout, of all storeys, in the order in which they are made. */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001-first": first,
  "0002-ledger": ledgerMigration,
  "0003-refunds": refunds,
  "0004-ledger-log": ledgerLogMigration,
  "0005-anchored-roots": anchoredRoots,
  "0006-vault-state": vaultState,
  "0007-nonce-taken": nonceTaken,
  "0008-certificate-length": certificateLength,
  "0009-receipts": receipts,
  "0010-guarantee": guarantee,
  "0011-chain-rules": chainRules,
  "0012-guarantee-account": guaranteeAccount,
  "0013-persons": persons,
  "0014-set-aside-uploads": setAsideUploads,
  "0015-terminal-requests": terminalRequests,
  "0016-chain-faults": chainFaults,
  "0018-watched": watched,
  "0020-flat-books": flatBooksMigration,
  "0021-flat-intake": flatIntake,
  "0022-upload-quota": uploadQuota,
  "0023-mailbox": mailbox,
  "0027-card-references": cardReferences,
  "0028-card-master-keys": cardMasterKeys,
  "0030-replacements": replacements,
  "0032-reference-claims": referenceClaims,
  "0035-api-tokens": apiTokens,
  "0036-voucher-pauses": voucherPauses,
  "0037-renewals": renewals,
  "0038-joining": joining,
  "0039-people": people,
  "0040-audit-words": auditWords,
  "0041-approvals": approvals,
  "0042-cases": cases,
  "0043-console": consoleIndexes,
  "0044-gas-fees": gasFees,
  "0045-quick-groups": quickGroupsMigration,
  "0046-restored-copies": restoredCopies,
  "0047-alarms": alarms,
  "0048-key-rotations": keyRotations,
  "0050-passkey-names": passkeyNames,
  "0051-approval-order": approvalOrder,
  "0052-claims-by-time": claimsByTime,
  "0053-order-reports": orderReports,
  "0054-report-cards": reportCards,
  "0055-anomaly-messages": anomalyMessages,
  "0056-searched-ids": searchedIds,
  "0059-open-work": openWork,
  "0060-barred-accounts": barredAccounts,
  "0061-replacement-approvals": replacementApprovals,
  "0062-newest-occurrences": newestOccurrences,
  "0064-money-sums": moneySums,
  "0065-lean-groups": leanGroupsMigration,
  "0066-movements-alone": movementsAlone,
  "0067-failed-since": failedSince,
  "0068-rest-units": restUnitsGiven,
  "0069-card-owners": cardOwners,
  "0070-emptied-cards": emptiedCards,
  "0071-card-withdrawals": cardWithdrawals,
};
