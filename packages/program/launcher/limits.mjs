/**
 * The first Node on which all libraries of the programs run: native ones crash on older ones
 * without a message.
 */
export const LEAST_NODE = 22;
