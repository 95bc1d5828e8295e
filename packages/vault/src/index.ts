// The contract's interface
export { vaultAbi } from "./vault-abi.ts";
export { tokenAbi } from "./token-abi.ts";

// Calls of the vault and its token
export {
  advanceCall,
  approveCall,
  balanceOfCall,
  cardCall,
  type CardSlot,
  decodeBalance,
  decodeCardSlot,
  decodeIsUsed,
  decodeMerchantSlot,
  fundCall,
  isUsedCall,
  merchantCall,
  type MerchantSlot,
  openCall,
  type ParitySignature,
  proveEquivocationCall,
  refundCall,
  refundedVoucher,
  releaseCall,
  settleCall,
  type SignedMessage,
  transferCall,
  withdrawCall,
} from "./vault-calls.ts";
export type { AbiValue, AbiValues } from "./abi-codec.ts";
export {
  decodeTokenAnswer,
  decodeVaultAnswer,
  decodeVaultCall,
  encodeTokenCall,
  encodeVaultCall,
} from "./contract-calls.ts";

// Settlement payloads
export {
  decodeSettlePayload,
  encodeSettlePayload,
  type SettleBatch,
  type SettleGroup,
  type SettleItem,
  settleItems,
  type SettleVoucher,
} from "./settle-payload.ts";
export { type BatchPayload, type BatchVoucher, buildBatchPayload } from "./batch-payload.ts";
export { type PayloadItem, readPayloadItems } from "./payload-items.ts";
export { decodeResultBitmap } from "./result-bitmap.ts";

// What a payload would do
export {
  type RecoverSigner,
  type SimulatedItem,
  type SimulatedSettlement,
  simulateSettle,
  type SimulationRequest,
  type SkipReason,
  skipSentences,
} from "./simulate-settle.ts";
export { estimateSettleGas } from "./settle-gas.ts";
export { type AccessListEntry, settleAccessList } from "./access-list.ts";

// Events
export {
  decodeVaultEvent,
  type InputOf,
  type RawLog,
  type SettledItem,
  type VaultEvent,
  vaultTopics,
} from "./vault-events.ts";
export { decodeTokenTransfer, type TokenTransfer, transferTopic } from "./token-events.ts";

// Following the chain
export {
  type BlockReference,
  type ChainReader,
  type FinalRange,
  followChain,
  type FollowerStore,
  type FollowOptions,
  type LatestView,
} from "./chain-follower.ts";

// The vault's state from its events
export { type SavedWatcher, type VaultView, VaultWatcher, type WatcherOptions } from "./vault-watcher.ts";
export { type CardAccount, type MerchantAccount, type SavedVaultState, VaultState } from "./vault-state.ts";
export { CounterBook, type SavedCounterBook } from "./counter-book.ts";

// Errors and limits
export { VaultError, type VaultErrorCode, type VaultErrorContexts } from "./errors.ts";
export { GAP_WORDS_AN_ITEM, LOG_RANGE_BLOCKS, MAX_PAYLOAD_VOUCHERS, VIEW_ATTEMPTS, WINDOW_COUNTERS } from "./limits.ts";
