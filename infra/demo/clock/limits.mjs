/** How often the file with the shift is looked at. */
export const CLOCK_POLL_MS = 200;

export const MS_A_SECOND = 1000;
