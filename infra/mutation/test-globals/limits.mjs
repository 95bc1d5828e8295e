/** Titles become one regular expression, which has a limit; a value of a million characters stands in some of them. */
export const MOST_TITLE_CHARACTERS = 120;
