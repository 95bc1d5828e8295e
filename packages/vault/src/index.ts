// The contract's interface
export { vaultAbi } from "./abi/vault-abi.ts";
export { tokenAbi } from "./abi/token-abi.ts";

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
  proveEquivocationCall,
  refundCall,
  refundedVoucher,
  releaseCall,
  releasedMessage,
  settleCall,
  transferCall,
  withdrawCall,
} from "./calls/vault-calls.ts";
export { type ParitySignature, type SignedMessage, unpackSignature } from "./calls/signatures.ts";
export {
  decodeDelegateSlot,
  decodeReserve,
  decodeReturned,
  delegateCall,
  type DelegateSlot,
  refundForCall,
  releaseForCall,
  reserveCall,
  returnedCall,
  setDelegateCall,
  setReserveCall,
} from "./calls/delegate-calls.ts";
export { type Deployment, DEPLOYMENT_PROXY, deploymentOf, vaultInitCode } from "./calls/deployment.ts";
export type { AbiValue, AbiValues } from "./abi/abi-codec.ts";
export {
  decodeTokenAnswer,
  decodeVaultAnswer,
  decodeVaultCall,
  encodeTokenCall,
  encodeVaultCall,
} from "./abi/contract-calls.ts";

// Settlement payloads
export {
  decodeSettlePayload,
  encodeSettlePayload,
  type SettleBatch,
  type SettleGroup,
  type SettleItem,
  settleItems,
  type SettleVoucher,
} from "./payload/settle-payload.ts";
export { type BatchPayload, type BatchVoucher, buildBatchPayload } from "./payload/batch-payload.ts";
export { type PayloadItem, readPayloadItems } from "./payload/payload-items.ts";
export { decodeResultBitmap } from "./payload/result-bitmap.ts";

// What a payload, or a delegate's order, would do
export {
  type SimulatedItem,
  type SimulatedSettlement,
  simulateSettle,
  type SimulationRequest,
  type SkipReason,
  skipSentences,
} from "./simulation/simulate-settle.ts";
export {
  type RefundForRequest,
  type ReleaseForRequest,
  type ReturnRefusal,
  returnSentences,
  type SimulatedReturn,
  simulateRefundFor,
  simulateReleaseFor,
  type VoucherProof,
} from "./simulation/simulate-return.ts";
export type { RecoverSigner, VaultSignature } from "./simulation/vault-signature.ts";
export { estimateSettleGas } from "./simulation/settle-gas.ts";
export { type AccessListEntry, settleAccessList } from "./simulation/access-list.ts";

// Events
export {
  decodeVaultEvent,
  type InputOf,
  type RawLog,
  type SettledItem,
  type VaultEvent,
  vaultTopics,
} from "./events/vault-events.ts";
export { decodeTokenTransfer, type TokenTransfer, transferTopic } from "./events/token-events.ts";

export { bloomMayHold } from "./events/logs-bloom.ts";

// Following the chain
export {
  type BlockReference,
  type ChainReader,
  type FinalRange,
  followChain,
  type FollowerStore,
  type FollowOptions,
  type LatestView,
  type ProvenRange,
} from "./watcher/chain-follower.ts";

// The vault's state from its events
export { type SavedWatcher, type VaultView, VaultWatcher, type WatcherOptions } from "./watcher/vault-watcher.ts";
export { type CardAccount, type MerchantAccount, type SavedVaultState, VaultState } from "./state/vault-state.ts";
export { CounterBook, type SavedCounterBook } from "./state/counter-book.ts";
export { type DelegateAccount, ReturnBook, type SavedReturnBook } from "./state/return-book.ts";

// Errors and limits
export { VaultError, type VaultErrorCode, type VaultErrorContexts } from "./errors.ts";
export { GAP_WORDS_AN_ITEM, LOG_RANGE_BLOCKS, MAX_PAYLOAD_VOUCHERS, VIEW_ATTEMPTS, WINDOW_COUNTERS } from "./limits.ts";
