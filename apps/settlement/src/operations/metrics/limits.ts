/** By what ages money that is not final is told apart, seconds; what is older than the last is `older`. */
export const AGE_BOUNDS = [
  { name: "5m", seconds: 300 },
  { name: "1h", seconds: 3_600 },
  { name: "1d", seconds: 86_400 },
  { name: "1w", seconds: 604_800 },
] as const;

/** Milliseconds for which figures of accounts are repeated: each is some calls to the node. */
export const ACCOUNT_FIGURES_MS = 5_000;
