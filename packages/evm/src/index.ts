// A node
export type {
  BlockTag,
  ChainBlock,
  ChainCall,
  ChainLog,
  ChainReceipt,
  ChainRpc,
  ChainTransaction,
  TransactionCost,
  CountTag,
  LogFilter,
  TopicFilter,
} from "./rpc/chain-rpc.ts";
export { isRpcError, RpcError, type RpcErrorCode } from "./rpc/rpc-error.ts";
export { AgreeingRpc } from "./rpc/agreeing-rpc.ts";

// Fees and gas
export {
  type FeePolicy,
  feePolicy,
  type Fees,
  type FeeSettings,
  firstFees,
  gasToBuy,
  type MarketFees,
  raisedFees,
} from "./fees.ts";

// Sending
export { type SenderPolicy, TransactionSender, type TransactionSenderParts } from "./sender/transaction-sender.ts";
export type { StepOutcome, Waiting } from "./sender/step-outcome.ts";
export { type ReasonToWait, type WaitCode, waitCodes } from "./sender/wait-codes.ts";
export type { ActionCall, ChainAction, StoredTransaction } from "./sender/chain-action.ts";
export {
  ACTION_STATES,
  type ActionState,
  assertActionEdge,
  isActionState,
  SETTLED_ACTION_STATES,
} from "./sender/action-states.ts";
export type { ActionChange, RefusalCode, SenderStore, Signed } from "./sender/sender-store.ts";
export type { ChainSigner, SignedTransaction, UnsignedTransaction } from "./sender/chain-signer.ts";

// The vault through a node
export { createVaultReader, type VaultReader } from "./vault/vault-reader.ts";
export {
  createChainReader,
  type PlacedLog,
  placedLog,
  type TimedBlock,
  type WatchedLogs,
} from "./vault/chain-reader.ts";

// Bounds
export {
  DEFAULT_MAX_FEE_GWEI,
  DEFAULT_REPLACE_AFTER_SECONDS,
  DEFAULT_RESEND_MS,
  DEFAULT_RPC_TIMEOUT_MS,
  FEE_CEILING_FACTOR,
  MAX_FEE_GWEI,
  MAX_REPLACE_AFTER_SECONDS,
  MAX_REPLACEMENTS,
  MAX_TRANSACTION_GAS,
} from "./limits.ts";
