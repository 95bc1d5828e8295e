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

/** Passkeys of one person: some devices, and some keys in drawers. */
export const PASSKEYS_OF_ONE = 16;

/** Characters of what a person calls one. */
export const PASSKEY_NAME_CHARACTERS = 64;

/** Milliseconds in which a challenge is answered: an authenticator asks its person first. */
export const CHALLENGE_MS = 300_000;

/** Bytes of a challenge that nobody foresees, and of its time. */
export const CHALLENGE_RANDOM_BYTES = 16;
export const CHALLENGE_TIME_BYTES = 6;
/** What a challenge says, before its code. */
export const CHALLENGE_BODY_BYTES = CHALLENGE_RANDOM_BYTES + CHALLENGE_TIME_BYTES;

/** Milliseconds after signing in within which a passkey may be added: a cookie that was stolen later adds none. */
export const ADD_PASSKEY_MS = 600_000;

/** Answered challenges that are forgotten with each new one: more go than come. */
export const CHALLENGES_FORGOTTEN = 16;

/** Seconds that an identity provider may take for an answer. */
export const PROVIDER_SECONDS = 10;

/** Seconds in which somebody comes back from the identity provider: it may ask for a second factor. */
export const PROVIDER_COOKIE_SECONDS = 600;

/** Values of the provider's claim that give a role. */
export const PROVIDED_ROLES = 64;

/** Characters of a client's id, its secret, a claim's name or one of its values. */
export const PROVIDER_CHARACTERS = 255;
