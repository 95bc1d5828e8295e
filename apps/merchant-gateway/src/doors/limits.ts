/** `Algorithm.Argon2id` of @node-rs/argon2, whose enum exists at compile time only. */
export const PIN_ALGORITHM = 2;

/**
 * Argon2id of PINs, as OWASP's Password Storage Cheat Sheet has it: 19 MiB, two passes, one lane. It
 * takes some 40 ms, in a thread of its own, so that no lane's card waits for it.
 */
export const PIN_MEMORY_KIB = 19_456;
export const PIN_PASSES = 2;
export const PIN_PARALLELISM = 1;

/** Digits of a person's PIN. */
export const MIN_PIN_DIGITS = 4;
export const MAX_PIN_DIGITS = 12;

/** Wrong PINs of a person that cost no wait. */
export const FREE_PIN_TRIES = 4;

/** The wait after the next wrong one in seconds; each further one doubles it. */
export const FIRST_PIN_WAIT_SECONDS = 30;

/** No wait is longer, so that nobody who guesses locks a person out for a day. */
export const MAX_PIN_WAIT_SECONDS = 3_600;

/** People of one merchant at one box. */
export const MAX_PEOPLE = 200;

/** A name as it stands in a list. */
export const MAX_PERSON_NAME_LENGTH = 40;
export const MAX_DEVICE_NAME_LENGTH = 64;

/** A person is signed out after this time: the longest working day. */
export const SIGN_IN_MS: number = 12 * 3_600 * 1_000;

/** Characters of a pairing code, each of 32: 40 bits. */
export const PAIRING_CODE_LENGTH = 8;

/** How long a code pairs a device: the time to walk to it. */
export const PAIRING_CODE_SECONDS = 600;

/** Codes that are offered at once: one for each device that is being set up. */
export const MAX_PAIRING_CODES = 5;

/** Wrong codes after which those that are offered are offered no more. */
export const MAX_WRONG_CODES = 20;

/** Devices that are paired at once: tablets, and programs of the merchant. */
export const MAX_DEVICES = 64;

/** Bytes of a device's key: nobody guesses it. */
export const DEVICE_KEY_BYTES = 32;

/** Bytes of a device's id, which is no secret. */
export const DEVICE_ID_BYTES = 8;

/** How long a browser keeps its key, in seconds; none keeps a cookie longer. */
export const COOKIE_SECONDS: number = 400 * 86_400;
