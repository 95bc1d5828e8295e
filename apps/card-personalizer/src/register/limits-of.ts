import { formatAmount, parseAmount, type Asset } from "@tallystick/money";
import { categoryBits } from "../config/category-bits.ts";
import type { Config } from "../config/load-config.ts";
import { Failure } from "../failures.ts";
import { SECONDS_A_DAY } from "../limits.ts";
import type { LimitChange } from "../settlement/settlement-client.ts";

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
