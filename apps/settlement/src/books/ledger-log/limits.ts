/** Entries of an account read at a time: what a statement keeps in memory. */
export const STATEMENT_PAGE = 1_000;
