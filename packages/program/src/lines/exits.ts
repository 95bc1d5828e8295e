/**
 * The exit codes of every program of the house, by what has to be put right:
 *
 * - `done` 0: it did what it was asked to do, or ended when it was asked to.
 * - `failed` 1: something failed that should not have.
 * - `usage` 2: the command line or the configuration is wrong, or the program cannot be started
 *   like this.
 * - `keys` 3: a key file is missing, malformed, readable by others, or holds the wrong key.
 * - `store` 4: the journal or the database cannot be used, or belongs to another installation.
 * - `reader` 5: the card reader or its service does not work.
 * - `card` 6: the card refuses, contradicts or cannot be used.
 * - `network` 7: the chain's node or settlement does not answer, or the chain refused.
 * - `interrupted` 8: it was stopped in the middle; the same command again goes on with it.
 */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  keys: 3,
  store: 4,
  reader: 5,
  card: 6,
  network: 7,
  interrupted: 8,
} as const;

/** What kind of thing ended a program. */
export type ExitKind = keyof typeof EXIT;

/** The number that a shell sees. */
export type ExitCode = (typeof EXIT)[ExitKind];

/** The line about exit codes that every `--help` ends with. */
export const exitCodesHelp =
  "Exit codes: 0 done, 1 failed, 2 command line or configuration, 3 keys, 4 journal or database, 5 reader, 6 card, " +
  "7 network (node, settlement or chain), 8 interrupted (run it again, it goes on).";
