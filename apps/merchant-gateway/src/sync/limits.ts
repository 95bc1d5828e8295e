/**
 * Allowances carried for the cards of one domain: 134 bytes each, with their row some 4 MB; a terminal
 * sees fewer cards in a month.
 */
export const MAX_CARRIED_ALLOWANCES = 20_000;

/** Cards of one domain of which a terminal remembers what they have left to spend. */
export const MAX_SEEN_CARDS = 50_000;

/** Pages of the mailbox read in one exchange; the next one goes on behind them. */
export const MAX_MAILBOX_PAGES = 20;

/** Proofs of cards in one upload: some 20 fit into a body beside little else. */
export const MAX_PACKED_PROOFS = 20;

/** Seconds between two looks whether a payee's first unit was confirmed elsewhere. */
export const FIRST_UNIT_LOOK_SECONDS = 3_600;
