/** Every bound of the personalizer, each with its reason. */

/** Longest reference: the settlement stores 64 characters. */
export const MAX_REFERENCE_LENGTH = 64;

/** A settlement's answer larger than this is no answer of a settlement. */
export const MAX_ANSWER_BYTES = 1_048_576;

/** A settlement that does not answer one call in this time counts as unreachable. */
export const HTTP_TIMEOUT_MS = 20_000;

/** Between two questions whether the chain is final; blocks of real chains are seconds apart. */
export const POLL_MS = 500;

/** How long finality may take by default: the slowest usual chain finalises in about 15 minutes. */
export const DEFAULT_FINALITY_TIMEOUT_SECONDS = 3_600;

/** How long a card may be awaited on the reader by default. */
export const DEFAULT_CARD_WAIT_SECONDS = 10;

/** How long one command may take by default: old chips make a key pair in a second or two. */
export const DEFAULT_COMMAND_TIMEOUT_SECONDS = 10;

/** Connections that are tried to a card that has just been put on: readers need some 400 ms to see a change of cards. */
export const CONNECT_ATTEMPTS = 8;

/** Between two of them. */
export const CONNECT_PAUSE_MS = 200;

/** Issuer keys that can be pinned: an issuer rotates them rarely. */
export const MAX_ISSUER_KEYS = 16;

/** Validity of the test terminal's certificate that is asked for; it is renewed when it is over. */
export const TEST_CERTIFICATE_SECONDS = 30 * 86_400;

/** Vouchers of the test terminal that may wait for their upload, one a card: a line that was killed leaves few. */
export const TEST_UNSENT_COUNT = 1_000;

/** Deposits that may be tried for one card before somebody has to look: each failed one gets a new key. */
export const MAX_FUNDING_ATTEMPTS = 8;
