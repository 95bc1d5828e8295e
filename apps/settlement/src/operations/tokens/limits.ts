/** Bits of a token: nobody finds one by trying. */
export const TOKEN_BITS = 256;

/** Tokens that are valid at once: more than an operator of 200 merchants has people and programs. */
export const MADE_TOKENS = 1_000;

/** The longest life of a token in days: who is forgotten is let go within two years. */
export const TOKEN_DAYS = 730;

export const DAY_MS = 86_400_000;
