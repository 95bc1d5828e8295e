import { createAsset, formatTotal, type Asset } from "@tallystick/money";
import { usage } from "./given-files.ts";

/** Shows an amount of units to people. */
export type AmountText = (units: bigint) => string;

/** What an amount is of; null where nothing names it: then it is shown as units. */
export type ShownAsset = Pick<Asset, "code" | "decimals"> | null;

/** As `6.00 TUSD (6000000 units)`: what was signed are units; code and decimals are what somebody says of them. */
export function amountTexts(asset: ShownAsset): AmountText {
  if (asset === null) return (units) => `${units} units`;
  return (units) => `${formatTotal(units, { ...asset, scale: 1n })} ${asset.code} (${units} units)`;
}

/** An asset as --asset gives it, such as TUSD:6. Throws ProgramError USAGE. */
export function assetOf(text: string): ShownAsset {
  const [, code, decimals] = /^([^:]+):(\d{1,2})$/.exec(text) ?? [];
  try {
    return createAsset({ code: code ?? "", decimals: Number(decimals), scale: 1n });
  } catch {
    throw usage(`--asset ${text} names no asset.`, "Give its code and its decimals, such as --asset TUSD:6.");
  }
}
