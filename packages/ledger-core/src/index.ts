// Accounts
export {
  availableBalance,
  postedBalance,
  type Account,
  type AccountLimit,
  type AccountSpec,
  type Balance,
  type NormalSide,
} from "./model/account.ts";

// Operations and their outcomes
export {
  assertGroup,
  plainOperation,
  type ExpireOperation,
  type Group,
  type HoldOperation,
  type Operation,
  type OperationKind,
  type PlainOperation,
  type PostOperation,
  type ReverseOperation,
  type TransferOperation,
  type VoidOperation,
} from "./model/operation.ts";
export {
  accountDiffers,
  refusal,
  type ExistsRefusalCode,
  type GroupOutcome,
  type OpenOutcome,
  type OperationResult,
  type Refusal,
  type RefusalCode,
} from "./model/outcome.ts";
export type { ChartTotal, DueHold, Entry, TransferRecord } from "./model/record.ts";

// Engines
export type { EntryPage, LedgerEngine } from "./engine/engine.ts";
export { createMemoryLedger } from "./memory/memory-engine.ts";
export { expireDueHolds } from "./engine/expire-holds.ts";

// For those who write an engine
export { assertAccountSpecs } from "./model/account.ts";
export { differenceOf, fingerprintOf } from "./model/fingerprint.ts";
export { assertTimeMs } from "./model/operation.ts";
export { assertPageSize, assertVersion } from "./model/query.ts";

// History
export type { JournalRecord } from "./model/journal-record.ts";
export { importJournal } from "./journal/import-journal.ts";
export { ledgerDigest } from "./journal/ledger-digest.ts";

// The Merkle log of the history (RFC 6962)
export type { LedgerLog, LogEntry, LogHead, SealRange } from "./log/ledger-log.ts";
export { entryBytes, entryText } from "./log/entry-bytes.ts";
export { leafHash, treeHead } from "./log/merkle-hash.ts";
export { rangeHashes, SparseLog } from "./log/sparse-proof.ts";
export { type ConsistencyClaim, type InclusionClaim, verifyConsistency, verifyInclusion } from "./log/verify-proofs.ts";

// For those who keep a log
export { LogFrontier, type LogNode, type ReadNodes } from "./log/log-frontier.ts";
export { assertLogRange, consistencyPath, inclusionPath, rootAt } from "./log/prove.ts";
export { upTo } from "./log/seal-range.ts";

// Streams of numbered payments
export {
  reconcileCardStream,
  type Contradiction,
  type Gap,
  type CardObservation,
  type StreamMark,
  type StreamReport,
} from "./reconciliation/card-stream.ts";

// Errors and limits
export { LedgerError, type LedgerErrorCode } from "./model/errors.ts";
export {
  LOG_SEAL_ENTRIES,
  LOG_TILE_NODES,
  MAX_ACCOUNTS_PER_CALL,
  MAX_GROUP_OPERATIONS,
  MAX_ID_LENGTH,
  MAX_PAGE_ROWS,
  MAX_TOTAL,
  SEAL_ATTEMPTS,
} from "./model/limits.ts";
