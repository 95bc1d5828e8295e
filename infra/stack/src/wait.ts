import { setTimeout as pause } from "node:timers/promises";
import { StackError } from "./errors.ts";
import { POLL_MS, START_DEADLINE_MS } from "./limits.ts";

/**
 * Asks again and again until `ask` answers something other than `undefined` or `false`.
 * @param what what is waited for, for the message
 * @throws StackError DID_NOT_START when the deadline passes
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs: number = START_DEADLINE_MS,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end)
      throw new StackError("DID_NOT_START", `${what} did not happen within ${deadlineMs} ms`);
    await pause(POLL_MS);
  }
}
