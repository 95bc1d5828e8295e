/** Gas that one deposit is counted with: 90,000 for a plain token, and more for one behind a proxy. */
export const DEPOSIT_GAS = 150_000n;

/** Open cases that are counted. */
export const CASES_COUNTED = 1_000;
