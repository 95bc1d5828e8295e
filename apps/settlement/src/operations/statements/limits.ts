/** Statements that one process writes at once: each reads as fast as its reader does. */
export const STATEMENTS_AT_ONCE = 4;

/** Of them, those of merchants together: the issuer's own people always have a place. */
export const STATEMENTS_OF_MERCHANTS = 3;

/** Of them, those of one merchant. */
export const STATEMENTS_OF_PAYEE = 2;

/** Milliseconds in which a reader takes the next piece, and in which it has taken all of them. */
export const STATEMENT_STALL_MS = 30_000;
export const STATEMENT_WHOLE_MS = 900_000;

/** Seconds after which somebody asks again who came while that many were written. */
export const STATEMENT_RETRY_SECONDS = 5;

/**
 * Milliseconds after a period's end from which on nothing more is booked into it: a transaction that
 * began before has ended or was ended by then.
 */
export const STATEMENT_CLOSES_MS = 600_000;

/** Lines whose vouchers are looked up at once. */
export const FACT_LINES = 500;

/** Characters of a statement that are handed on at once. */
export const STATEMENT_CHUNK = 65_536;
