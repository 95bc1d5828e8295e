/** Characters of what a program of PostgreSQL said last that a failure repeats. */
export const TOLD_CHARACTERS = 600;

/**
 * Milliseconds that one statement about a whole copy may take: a copy of some hundred million rows is
 * read in less.
 */
export const COPY_STATEMENT_MS = 7_200_000;

/** Milliseconds until a server answers that is to hold a copy. */
export const COPY_CONNECT_MS = 10_000;

/** Random bytes in the name of a database that a copy is restored into. */
export const COPY_NAME_BYTES = 6;

/** Databases that killed runs left, of which one run takes as many away. */
export const LEFT_DATABASES = 16;

/** Stands for the newest block in `accepted_block`, until a start has asked which one that is. */
export const NEWEST_BLOCK = 9_223_372_036_854_775_807n;
