/** How long anything in the sandbox may take: a batch, its finality, a list and an exchange follow one another. */
export const DEADLINE_MS = 90_000;

/** How long all processes may take to end. */
export const END_MS = 30_000;
