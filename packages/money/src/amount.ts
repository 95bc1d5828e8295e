import { type Asset, assertUnits, type Units } from "./asset.ts";
import { MoneyError } from "./errors.ts";
import { MAX_AMOUNT_TEXT_LENGTH, MAX_UNITS } from "./limits.ts";

const amountPattern = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/;

/**
 * Display never shows fewer than two decimals, as prices are written, unless the asset itself has
 * fewer.
 */
const leastDecimals = 2;

/**
 * Reads an amount as people and JSON write it ("2.50") into units of the asset. Only a string of
 * digits with an optional point is an amount: a number, a sign, an exponent, a separator, a blank,
 * a needless leading zero or more decimals than the asset has are refused, and nothing is rounded.
 * Throws MoneyError NOT_A_STRING, MALFORMED_AMOUNT, TOO_MANY_DECIMALS or AMOUNT_OVERFLOW.
 */
export function parseAmount(text: unknown, asset: Asset): Units {
  if (typeof text !== "string") {
    throw new MoneyError("NOT_A_STRING", `An amount must be a decimal string such as "2.50"; it was a ${typeof text}.`);
  }
  const match = text.length <= MAX_AMOUNT_TEXT_LENGTH ? amountPattern.exec(text) : null;
  if (match === null) {
    const shown = JSON.stringify(text.slice(0, MAX_AMOUNT_TEXT_LENGTH));
    throw new MoneyError(
      "MALFORMED_AMOUNT",
      `${shown} is not an amount; write digits with an optional point, such as "2.50".`,
    );
  }
  const whole = match[1] ?? "";
  const fraction = match[2] ?? "";
  if (fraction.length > asset.decimals) {
    throw new MoneyError(
      "TOO_MANY_DECIMALS",
      `"${text}" has ${fraction.length} decimals; ${asset.code} has ${asset.decimals}.`,
    );
  }
  const units = BigInt(whole + fraction.padEnd(asset.decimals, "0"));
  if (units > MAX_UNITS) {
    throw new MoneyError(
      "AMOUNT_OVERFLOW",
      `"${text}" ${asset.code} is above the largest amount, ${formatAmount(MAX_UNITS, asset)}.`,
    );
  }
  return units;
}

/**
 * Writes units as people read them: at least two decimals, and as many more as the value needs
 * ("2.50", "0.000001"). Throws MoneyError UNITS_OUT_OF_RANGE.
 */
export function formatAmount(units: Units, asset: Asset): string {
  return formatDigits(assertUnits(units), asset.decimals);
}

/**
 * Writes a sum of many amounts or a difference of two: any bigint, with a minus sign where it is
 * below zero. Totals over all cards may exceed the 48 bits of one amount, so they are not bounded
 * here.
 */
export function formatTotal(sum: bigint, asset: Asset): string {
  return sum < 0n ? `-${formatDigits(-sum, asset.decimals)}` : formatDigits(sum, asset.decimals);
}

/** Token base units of an amount: units × scale. Throws MoneyError UNITS_OUT_OF_RANGE. */
export function toBaseUnits(units: Units, asset: Asset): bigint {
  return assertUnits(units) * asset.scale;
}

/**
 * Units of a token amount. A remainder is refused, never dropped: MoneyError NOT_WHOLE_UNITS; above
 * 2^48 − 1 units AMOUNT_OVERFLOW.
 */
export function fromBaseUnits(baseUnits: bigint, asset: Asset): Units {
  if (baseUnits < 0n || baseUnits % asset.scale !== 0n) {
    throw new MoneyError(
      "NOT_WHOLE_UNITS",
      `${baseUnits} base units are not a whole number of units of ${asset.scale}.`,
    );
  }
  const units = baseUnits / asset.scale;
  if (units > MAX_UNITS) {
    throw new MoneyError(
      "AMOUNT_OVERFLOW",
      `${baseUnits} base units are above the largest amount of ${MAX_UNITS} units.`,
    );
  }
  return units;
}

function formatDigits(value: bigint, decimals: number): string {
  const digits = value.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  const shown = fraction.padEnd(Math.min(leastDecimals, decimals), "0");
  return shown === "" ? whole : `${whole}.${shown}`;
}
