import { type Asset, MoneyError, parseAmount } from "@tallystick/money";
import { TapError } from "../taps/tap-error.ts";

/** Units of an amount that a caller wrote, above zero. Throws TapError AMOUNT_REFUSED. */
export function readAmount(text: string, asset: Asset): bigint {
  try {
    const amount = parseAmount(text, asset);
    if (amount === 0n) throw new TapError("AMOUNT_REFUSED", "The amount must be above zero.");
    return amount;
  } catch (error) {
    if (error instanceof MoneyError) throw new TapError("AMOUNT_REFUSED", error.message);
    throw error;
  }
}
