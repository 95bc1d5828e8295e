/** Characters of one line of an export: a group has at most 4,096 operations of some 600 each. */
export const MAX_EXPORT_LINE = 8_388_608;

/** Rows of the log, and accounts, that are read at a time. */
export const EXPORT_PAGE = 5_000;

/** Characters of an export that are written at once. */
export const EXPORT_CHUNK = 65_536;
