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
export { decodeResultBitmap } from "./result-bitmap.ts";

// Errors and limits
export { VaultError, type VaultErrorCode, type VaultErrorContexts } from "./errors.ts";
export { MAX_PAYLOAD_VOUCHERS } from "./limits.ts";
