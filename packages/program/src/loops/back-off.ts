import { MAX_DOUBLINGS } from "../limits.ts";

/** How long to wait after something failed. */
export interface BackOff {
  /** Milliseconds after the first failure, before jitter. */
  readonly firstMs: number;
  /** Milliseconds that no wait exceeds. */
  readonly ceilingMs: number;
  /** From 0 to below 1; spreads the retries of many programs. */
  readonly random: () => number;
}

/**
 * Milliseconds to wait after so many failures one after the other: doubled each time up to the
 * ceiling, of which between a half and the whole is taken at random.
 */
export function backOffMs(failures: number, { firstMs, ceilingMs, random }: BackOff): number {
  const doublings = Math.min(Math.max(failures - 1, 0), MAX_DOUBLINGS);
  const whole = Math.min(firstMs * 2 ** doublings, ceilingMs);
  return Math.round(whole / 2 + (whole / 2) * random());
}
