// Assets and units
export { type Asset, assertUnits, createAsset, isUnits, type Units } from "./asset.ts";

// Amounts as text and as token base units
export { formatAmount, formatTotal, fromBaseUnits, parseAmount, toBaseUnits } from "./amount.ts";

// Bounds
export { MAX_AMOUNT_TEXT_LENGTH, MAX_DECIMALS, MAX_SCALE, MAX_UNITS } from "./limits.ts";

// Errors
export { MoneyError, type MoneyErrorCode } from "./errors.ts";
