/** Lines of a production file: what one person reads in one go. */
export const MAX_FILE_LINES = 300;

/** Lines of a Solidity file: a contract and its assembly stand in one. */
export const MAX_SOLIDITY_FILE_LINES = 410;

/** Lines of a function, without blank lines and comments. eslint.config.mjs holds TypeScript and JavaScript to the same. */
export const MAX_FUNCTION_LINES = 70;

/** Source files of one folder, without tests: what one person finds a place in without searching. */
export const MAX_FOLDER_FILES = 15;

/** Columns of a line of prose; tables, code and links that cannot be broken may be longer. */
export const MAX_PROSE_COLUMNS = 100;

/** Lines that must be the same, one after another, before they count as standing twice. */
export const SAME_LINES = 6;

/** Places where lines stood twice on commit 7eb8da4, counted by `findDuplicates`. */
export const DUPLICATES_BEFORE = 12;

/** What may be left of them: a third. */
export const MAX_DUPLICATES = DUPLICATES_BEFORE / 3;

/** Imports of a circle that are named: enough to see what has to be opened. */
export const NAMED_IMPORTS = 12;
