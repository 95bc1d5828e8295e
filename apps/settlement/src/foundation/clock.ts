import { randomInt } from "node:crypto";

/** The present, as milliseconds since 1970. Passed in, so that tests say what time it is. */
export interface Clock {
  now(): number;
}

export const CLOCK = Symbol("CLOCK");

export const systemClock: Clock = { now: () => Date.now() };

/** From 0 to below 1: spreads what many would do at once. */
export const systemRandom = (): number => randomInt(2 ** 32) / 2 ** 32;
