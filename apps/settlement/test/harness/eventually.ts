import { inspect } from "node:util";
import { until } from "@tallystick/stack";

/** How long a test waits for something: long, so that only what hangs ever reaches it. */
const DEADLINE_MS = 120_000;

/**
 * Checks again until the condition holds, with a deadline; returns what was seen last. A condition that throws does not
 * hold: an answer may still be without what it asks for.
 */
export async function eventually<T>(check: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  const last: T[] = [];
  let failed: unknown;
  const seenToHold = async (): Promise<{ readonly seen: T } | undefined> => {
    failed = undefined;
    const seen = await check();
    last[0] = seen;
    try {
      return holds(seen) ? { seen } : undefined;
    } catch (error) {
      failed = error;
      return undefined;
    }
  };
  try {
    return (await until("what the test waits for", seenToHold, DEADLINE_MS)).seen;
  } catch (cause) {
    const seen = inspect(last[0]);
    throw new Error(`It did not happen in time, or failed; last seen: ${seen}`, { cause: failed ?? cause });
  }
}

/** Checks again until every assertion on what is seen holds, with a deadline: for much that comes one after the other. */
export async function holdsEventually<T>(check: () => Promise<T>, assert: (seen: T) => void): Promise<T> {
  return await eventually(check, (seen) => {
    assert(seen);
    return true;
  });
}
