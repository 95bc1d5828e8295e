/** People who may sign in, removed ones left out: more than an operator of 200 merchants has, merchants included. */
export const PEOPLE = 2_000;

/** Sessions of one person at once; a new one ends the oldest. */
export const SESSIONS_OF_ONE = 16;

/** Most minutes and hours that a session may be allowed: a day without a question, and a week. */
export const SESSION_MINUTES = 1_440;
export const SESSION_HOURS = 168;

/** What a session is allowed where the configuration says nothing: a coffee, and a working day. */
export const DEFAULT_SESSION_MINUTES = 30;
export const DEFAULT_SESSION_HOURS = 12;

/** Milliseconds between two notes that a session is used: one write a minute, however much is asked. */
export const SEEN_EVERY_MS = 60_000;

/** Milliseconds for which a sign-in link works: long enough to be handed over, and too short to lie about. */
export const LINK_MS = 900_000;

/** Bytes of every secret that people carry: nobody finds one by trying. */
export const SECRET_BYTES = 32;

/** Characters of such a secret in base64url. */
export const SECRET_CHARACTERS = 43;

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** Hours for which something waits for a second person: until tomorrow at this time, or a week. */
export const DEFAULT_APPROVAL_HOURS = 24;
export const APPROVAL_HOURS = 168;
