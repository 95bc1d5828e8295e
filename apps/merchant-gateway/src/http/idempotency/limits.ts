/** Longest key of a caller, as most interfaces of this kind take them. */
export const MAX_KEY_LENGTH = 255;
