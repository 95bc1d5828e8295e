/** Vouchers that a journal is filled with at most: a gigabyte and a half on the disk. */
export const MAX_FILLED = 1_000_000;

/** Exchanges that are measured: each asks 200 vouchers. */
export const EXCHANGES = 20;

/** Vouchers kept in one durable step: a step's log stays within some megabytes. */
export const FILL_STEP = 2_000;

/** Cards that the vouchers are spread over: a busy counter's regulars. */
export const FILLED_CARDS = 1_000;

/** Cards of a status list by whose places blocked ones are spread. */
export const HUNDRED = 100;

/** The first list of a card issuer: the cards of the other tests. */
export const LEAST_CARDS = 4;

/** A prime by which the taps walk through the list, so that no two lie beside each other. */
export const STRIDE = 7_919;

/** As the system counts them. */
export const BYTES_A_MEGABYTE = 1_048_576;

/** Taps that are measured, and those before that warm the program up, unless the command line says. */
export const SAMPLES = 400;
export const WARMUP = 40;

/** What a sale is measured beside, unless the command line says: a large programme, a large merchant. */
export const SALE_CARDS = 1_000_000;
export const SALE_VOUCHERS = 100_000;
