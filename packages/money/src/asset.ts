import { MoneyError } from "./errors.ts";
import { MAX_DECIMALS, MAX_SCALE, MAX_UNITS } from "./limits.ts";

/**
 * A currency as one vault counts it (spec §1.2). One unit is 10^-decimals of the displayed currency
 * and `scale` token base units: a 6-decimal dollar token has decimals 6 and scale 1, an 18-decimal
 * one decimals 6 and scale 10^12.
 */
export interface Asset {
  /** Currency code shown to people, such as "USDC": 1–12 letters and digits. */
  readonly code: string;
  /** Digits after the point of one unit, 0–18. */
  readonly decimals: number;
  /** Token base units in one unit, at least 1; the vault never changes it. */
  readonly scale: bigint;
}

/** A count of an asset's units: 0 … 2^48 − 1. */
export type Units = bigint;

/** Makes an asset after checking it; throws MoneyError BAD_ASSET. */
export function createAsset(asset: Asset): Asset {
  if (!/^[A-Za-z0-9]{1,12}$/.test(asset.code)) {
    throw new MoneyError("BAD_ASSET", `The asset code "${asset.code}" must be 1 to 12 letters and digits.`);
  }
  if (!Number.isInteger(asset.decimals) || asset.decimals < 0 || asset.decimals > MAX_DECIMALS) {
    throw new MoneyError("BAD_ASSET", `The asset has ${asset.decimals} decimals; use a whole number from 0 to 18.`);
  }
  if (typeof asset.scale !== "bigint" || asset.scale < 1n || asset.scale > MAX_SCALE) {
    throw new MoneyError("BAD_ASSET", `The asset's scale is ${asset.scale}; use a bigint of at least 1.`);
  }
  return Object.freeze({ code: asset.code, decimals: asset.decimals, scale: asset.scale });
}

/** True for a bigint from 0 to 2^48 − 1. */
export function isUnits(value: unknown): value is Units {
  return typeof value === "bigint" && value >= 0n && value <= MAX_UNITS;
}

/** Returns the value unchanged, or throws MoneyError UNITS_OUT_OF_RANGE. */
export function assertUnits(value: unknown): Units {
  if (!isUnits(value)) {
    throw new MoneyError(
      "UNITS_OUT_OF_RANGE",
      `An amount must be a bigint from 0 to ${MAX_UNITS}; it was ${String(value)}.`,
    );
  }
  return value;
}
