/** Milliseconds between two looks at what is to be told. */
export const BELL_MS = 1_000;

/** Milliseconds in which a mail server answers. */
export const MAIL_TIMEOUT_MS = 15_000;
