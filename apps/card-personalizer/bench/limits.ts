/** Cards of each kind whose making is measured: each takes some seconds, nearly all of them waiting. */
export const MEASURED_CARDS = 3;

/** The order that is killed unless the command line asks for another: as long as a test of it may take. */
export const ORDER_CARDS = 50;
export const ORDER_KILLS = 5;

/** More cards than a day of a simulated station makes. */
export const MAX_ORDER_CARDS = 5_000;

/** A seed is a positive 32-bit number. */
export const MAX_SEED = 2_147_483_647;

export const MS_A_SECOND = 1_000;
export const SECONDS_A_MINUTE = 60;
