import { setTimeout as pause } from "node:timers/promises";
import { StackError } from "./errors.ts";
import { LONGEST_POLL_MS, POLLS, POLL_MS, START_DEADLINE_MS } from "./limits.ts";

/**
 * Asks again and again until `ask` answers something other than `undefined` or `false`: the longer it takes, the rarer.
 * @param what what is waited for, for the message
 * @throws StackError DID_NOT_START when the deadline passes
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs: number = START_DEADLINE_MS,
): Promise<T> {
  const start = performance.now();
  for (;;) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    const waited = performance.now() - start;
    if (waited > deadlineMs) throw new StackError("DID_NOT_START", `${what} did not happen within ${deadlineMs} ms`);
    await pause(Math.min(Math.max(POLL_MS, waited / POLLS), LONGEST_POLL_MS));
  }
}
