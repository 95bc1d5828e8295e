/** Silent terminals that are named, those that are silent for longest; the others are counted. */
export const SILENT_ROWS = 20;

/**
 * Milliseconds after which a silent terminal is worth an alarm although no card proves that anything is missing: a
 * closed night is not, a day is.
 */
export const SILENCE_ALARM_MS = 86_400_000;

/** Milliseconds for which what nobody uploaded is shared: it looks at every card that is seen. */
export const MISSING_FRESH_MS = 120_000;

/** Milliseconds that anybody waits for it, before what was read last is taken. */
export const MISSING_WAIT_MS = 150;

/** Cards whose streams are looked at, and gaps that are named. */
export const MISSING_CARDS = 20_000;
export const MISSING_GAPS = 1_000;
