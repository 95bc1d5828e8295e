/** Between two looks at a lock that another process holds: an installation takes minutes. */
export const LOCK_POLL_MS = 250;

/** The first Node that runs the sources as they are, where the lockfile has none for the machine. */
export const LEAST_OWN_NODE = 24;

/** Bytes of a failed step's output that are shown: its end says what went wrong. */
export const SHOWN_BYTES = 20_000;
