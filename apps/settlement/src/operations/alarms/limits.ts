/** Milliseconds between two looks at what is to be told. */
export const BELL_MS = 1_000;

/** Milliseconds that a look waits for its messages; those of a slow way go on beside the next look. */
export const TELLING_MS = 5_000;

/** Milliseconds in which a mail server answers, and in which it takes a whole message. */
export const MAIL_TIMEOUT_MS = 15_000;

/** Mails of which it is remembered whom they reached, the newest: more than there are open alarms. */
export const MAILS_REMEMBERED = 100;
