/** Calls answer at once; who hears nothing for so long has lost the line, and asks anew. */
export const CALL_DEADLINE_MS = 4_500;

/** The gateway beats every two seconds; a line that is silent for longer than two beats is lost. */
export const BEAT_DEADLINE_MS = 4_500;

/** Between two tries to follow sales: a gateway that restarts is found again within a second. */
export const FOLLOW_PAUSE_MS = 1_000;

/** Longest event: one sale is some two kilobytes; who sends more is no gateway. */
export const MAX_EVENT_LENGTH = 262_144;
