/** Bytes of an entry's salt: nobody finds a name behind a hash by trying. */
export const SALT_BYTES = 32;

/** Entries and anchors of one export: a hundred actions a day for 27 years. */
export const MOST_EXPORTED = 1_000_000;

/**
 * Milliseconds by which an entry may be older than the head that it came after (spec §6.11): the
 * time of an action is taken before its transaction ends.
 */
export const LATE_MS = 600_000;
