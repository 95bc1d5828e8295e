// The contract's interface
export { vaultAbi } from "./vault-abi.ts";
export { tokenAbi } from "./token-abi.ts";

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

// The vault's state from its events
export {
  type BlockReference,
  type ChainReader,
  type SavedWatcher,
  type VaultView,
  VaultWatcher,
  type WatcherOptions,
} from "./vault-watcher.ts";
export { decodeVaultEvent, type RawLog, type SettledItem, type VaultEvent } from "./vault-events.ts";
export { type CardAccount, type MerchantAccount, type SavedVaultState, VaultState } from "./vault-state.ts";
export { CounterBook, type SavedCounterBook } from "./counter-book.ts";

// Errors and limits
export { VaultError, type VaultErrorCode, type VaultErrorContexts } from "./errors.ts";
export { GAP_WORDS_AN_ITEM, LOG_RANGE_BLOCKS, MAX_PAYLOAD_VOUCHERS, VIEW_ATTEMPTS, WINDOW_COUNTERS } from "./limits.ts";
