import { formatAmount, parseAmount, type Asset } from "@tallystick/money";
import type { Config } from "../config/load-config.ts";
import { Failure } from "../failures.ts";
import { SECONDS_A_DAY } from "../limits.ts";
import { categoryBits } from "../steps/funding/category-bits.ts";

/** The limits of a card in the field that settlement changes; what is left out stays (spec §6.10). */
export interface LimitChange {
  readonly perTap?: string;
  readonly pinAbove?: string;
  readonly noPinSum?: string;
  readonly noPinCount?: number;
  /** 64 bits, in decimals. */
  readonly categories?: string;
  /** Seconds. */
  readonly notAfter?: number;
}

/**
 * What a template changes of a card that has been made. Throws Failure USAGE for a template that
 * says nothing which can be changed, or caps of the whole sum: those follow from the deposits.
 */
export function limitsOf(template: Config["templates"][string], asset: Asset, nowSeconds: number): LimitChange {
  if (template.maxSpent !== undefined || template.softSpent !== undefined)
    throw new Failure(
      "USAGE",
      "maxSpent and softSpent of a card in the field follow from its deposits; leave them out.",
    );
  const { perTap, pinAbove, noPinSum, noPinCount, validDays, categories } = template;
  const sums = Object.entries({ perTap, pinAbove, noPinSum }).flatMap(([name, amount]) =>
    amount === undefined ? [] : [[name, formatAmount(parseAmount(amount, asset), asset)] as const],
  );
  const change: LimitChange = {
    ...Object.fromEntries(sums),
    ...(noPinCount === undefined ? {} : { noPinCount }),
    ...(validDays === undefined ? {} : { notAfter: nowSeconds + validDays * SECONDS_A_DAY }),
    ...(categories === undefined ? {} : { categories: categoryBits(categories).toString() }),
  };
  if (Object.keys(change).length === 0) throw new Failure("USAGE", "This template changes nothing.");
  return change;
}
