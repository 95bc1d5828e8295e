/**
 * Milliseconds without an upload after which a terminal is silent: a working day. A terminal that sells and has a network
 * uploads within minutes.
 */
export const SILENT_AFTER_MS = 8 * 3_600_000;
