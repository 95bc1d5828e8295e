import type { Config } from "./load-config.ts";

const allCategories = (1n << 64n) - 1n;

/** The merchant categories as the 64 bits of an allowance (spec §3.3). */
export function categoryBits(categories: Config["caps"]["categories"]): bigint {
  if (categories === "all") return allCategories;
  return categories.reduce((bits, category) => bits | (1n << BigInt(category)), 0n);
}
