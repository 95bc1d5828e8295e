/** How long an app may take to its ready line: it opens a database and migrates it. */
export const READY_DEADLINE_MS = 60_000;

/** Longest wait for one answer; a tap with a slow reader takes a few seconds at the most. */
export const ANSWER_DEADLINE_MS = 30_000;

/** Longest wait for something to become final: a dozen blocks of a second each, with room for a loaded machine. */
export const FINAL_DEADLINE_MS = 180_000;

/** A server that does not answer in this time is gone. */
export const SILENCE_DEADLINE_MS = 2_000;

/** Between two questions about what other processes do in their own time. */
export const POLL_MS = 200;

/** Units of all that was ever put behind ada's card: 20.00 at first, then 1.80 and 15.00. */
export const LOADED_UNITS = 36_800_000n;

/** A timer that does nothing keeps the demo in its terminal until somebody ends it. */
export const KEEP_AWAKE_MS = 3_600_000;

/** The README's picture: as wide as a page shows it, and small enough for a slow line. */
export const PICTURE_SIZE = { width: 1280, height: 800 };
export const PICTURE_QUALITY = 0.9;
export const MAX_PICTURE_BYTES = 150_000;

/** Until what follows a payment is drawn. */
export const SETTLE_MS = 1_500;

/** The status of an answer without a part that it needs: Service Unavailable. */
export const AWAY_STATUS = 503;
