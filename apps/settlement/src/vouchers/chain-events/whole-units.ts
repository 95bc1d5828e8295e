import type { EventContext } from "./event-context.ts";

/** Tokens that came to an own account, or, below zero, left it. */
export interface BaseUnits {
  readonly account: Uint8Array;
  readonly baseUnits: bigint;
}

/**
 * By how many units an own account's whole units grow, or fall below zero, when these base units
 * come or leave. What is below one unit is kept, so that the sum of all answers is always what the
 * account's balance is in whole units: two transfers of half a unit are one unit.
 */
export async function wholeUnits(
  { trx, scale }: Pick<EventContext, "trx" | "scale">,
  { account, baseUnits }: BaseUnits,
): Promise<bigint> {
  if (scale === 1n) return baseUnits;
  const row = await trx
    .selectFrom("token_dust")
    .select("base_units")
    .where("account", "=", account)
    .forUpdate()
    .executeTakeFirst();
  const sum = BigInt(row?.base_units ?? "0") + baseUnits;
  const rest = ((sum % scale) + scale) % scale;
  await trx
    .insertInto("token_dust")
    .values({ account, base_units: rest })
    .onConflict((conflict) => conflict.column("account").doUpdateSet({ base_units: rest }))
    .execute();
  return (sum - rest) / scale;
}
