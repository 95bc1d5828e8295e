/** The present, as milliseconds since 1970. Passed in, so that tests say what time it is. */
export interface Clock {
  now(): number;
}

export const CLOCK = Symbol("CLOCK");

export const systemClock: Clock = { now: () => Date.now() };
