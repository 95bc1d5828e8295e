/** What decides how much of a card's balance can be given to its successor at once; units. */
export interface CertainGrounds {
  /** What its maxSpent may be at most now (spec §6.3). */
  readonly bound: bigint;
  /** What it can have spent in all by what was signed for it and is not overtaken. */
  readonly exposure: bigint;
  /** The vault's, at the final block. */
  readonly balance: bigint;
  /** It signed two messages with one counter, or is revoked: nothing it says limits it. */
  readonly isBroken: boolean;
}

/**
 * What of a card's balance no voucher of its own can take any more (spec §6.10): the bound less everything that it may
 * still have signed offline. Nothing of a broken card is certain.
 */
export function certainUnits({ bound, exposure, balance, isBroken }: CertainGrounds): bigint {
  if (isBroken || bound <= exposure) return 0n;
  const certain = bound - exposure;
  return certain < balance ? certain : balance;
}
