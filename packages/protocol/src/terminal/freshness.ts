/** The times of spec §5.5, in seconds. */
export interface Freshness {
  /** S: how old the status list may be. */
  readonly listAgeSeconds: number;
  /** U: how long after its time a voucher may reach the settlement. */
  readonly uploadWindowSeconds: number;
  /** C: what the chain may need beyond that. */
  readonly chainMarginSeconds: number;
  /** W: the vault's delay, a constant of the vault. */
  readonly vaultDelaySeconds: number;
  /** How long before U the terminal stops selling while an old voucher is unsent. */
  readonly unsentMarginSeconds: number;
}

const day = 86_400;

/** The defaults: a merchant may sell through a week without a network. */
export const defaultFreshness: Freshness = Object.freeze({
  listAgeSeconds: 7 * day,
  uploadWindowSeconds: 7 * day,
  chainMarginSeconds: 1 * day,
  vaultDelaySeconds: 16 * day,
  unsentMarginSeconds: day / 2,
});

/**
 * Whether S + U + C < W and every time is a whole number of seconds; a gateway refuses any other
 * configuration (spec §5.5).
 */
export function freshnessHolds(freshness: Freshness): boolean {
  const { listAgeSeconds, uploadWindowSeconds, chainMarginSeconds, vaultDelaySeconds, unsentMarginSeconds } = freshness;
  const times = [listAgeSeconds, uploadWindowSeconds, chainMarginSeconds, vaultDelaySeconds, unsentMarginSeconds];
  if (!times.every((time) => Number.isSafeInteger(time) && time >= 0)) return false;
  return (
    unsentMarginSeconds < uploadWindowSeconds &&
    listAgeSeconds + uploadWindowSeconds + chainMarginSeconds < vaultDelaySeconds
  );
}

/**
 * Whether a list of this `asOf` still guards every withdrawal: its age is at most S, and age + U +
 * C < W (spec §5.5).
 */
export function listIsFresh(options: {
  readonly asOf: number;
  readonly time: number;
  readonly freshness: Freshness;
}): boolean {
  const { asOf, time, freshness } = options;
  const age = time - asOf;
  return (
    age <= freshness.listAgeSeconds &&
    age + freshness.uploadWindowSeconds + freshness.chainMarginSeconds < freshness.vaultDelaySeconds
  );
}

/**
 * Whether a voucher made at `madeAt` may still reach the vault in time, seen at `time` (spec §5.3:
 * U runs from the request's time).
 */
export function withinUploadWindow(options: {
  readonly madeAt: number;
  readonly time: number;
  readonly freshness: Freshness;
}): boolean {
  return options.time - options.madeAt <= options.freshness.uploadWindowSeconds;
}
