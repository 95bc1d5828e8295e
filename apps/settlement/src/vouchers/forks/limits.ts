/** Messages that are kept as the proof that a card signed too much: with their entries some 200 kB of evidence. */
export const EXCESS_MESSAGES = 64;
