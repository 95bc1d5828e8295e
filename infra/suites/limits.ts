/** Suites beside each other: one is mostly one process that computes or waits, and most machines that test have two cores. */
export const SUITES_AT_ONCE = 2;
