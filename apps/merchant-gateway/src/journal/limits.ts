/** Between two looks at the journal's disk. */
export const DISK_POLL_SECONDS = 10;

/** Bytes that a look writes: more than a full file system keeps back in half-filled blocks. */
export const DISK_PROBE_BYTES = 65_536;

/** Below this the disk is nearly full: some ten thousand payments and the journal's own log. */
export const DISK_LOW_BYTES = 67_108_864;
