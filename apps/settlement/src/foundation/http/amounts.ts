import { formatTotal, MoneyError, parseAmount, type Asset } from "@tallystick/money";
import { Problem } from "./problem.ts";

/** Injection token of the asset every amount of this service is counted in. */
export const ASSET = Symbol("ASSET");

/**
 * Reads a decimal string of a request into units; throws Problem AMOUNT_RANGE that names the field.
 */
export function readAmount(text: string, field: string, asset: Asset): bigint {
  try {
    return parseAmount(text, asset);
  } catch (error) {
    if (error instanceof MoneyError) throw new Problem("AMOUNT_RANGE", `${field}: ${error.message}`);
    throw error;
  }
}

/** A sum of base units as an amount, with as many decimals as the token has. */
export function baseUnitsText(baseUnits: bigint, asset: Asset): string {
  return formatTotal(baseUnits, { ...asset, decimals: asset.decimals + asset.scale.toString().length - 1, scale: 1n });
}
