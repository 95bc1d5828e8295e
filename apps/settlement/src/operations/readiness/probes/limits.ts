/** Gas that one deposit is counted with: 90,000 for a plain token, and more for one behind a proxy. */
export const DEPOSIT_GAS = 150_000n;

/** Open cases that are counted. */
export const CASES_COUNTED = 1_000;

/** Age in milliseconds beyond which the newest sum of the vault is a warning: nodes are away for minutes now and then. */
export const SUM_OLD_MS = 300_000;

/** Beyond which it is a reason: what a thief of the vault's tokens would have had unseen. */
export const SUM_MISSING_MS = 3_600_000;

/** Milliseconds for which a chain action may be without effect before there is an alarm. */
export const FAILED_ALARM_MS = 3_600_000;
