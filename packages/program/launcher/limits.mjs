/**
 * The first Node on which all libraries of the programs run: native ones crash on older ones
 * without a message.
 */
export const LEAST_NODE = 22;

/** The exit code of a program that cannot be started like this (`usage` in src/lines/exits.ts). */
export const EXIT_USAGE = 2;
