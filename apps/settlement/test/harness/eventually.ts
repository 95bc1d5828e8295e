import { inspect } from "node:util";
import { until } from "@tallystick/stack";

/** How long a test waits for something: long, so that only what hangs ever reaches it. */
const DEADLINE_MS = 120_000;

/** Checks again until the condition holds, with a deadline; returns what was seen last. */
export async function eventually<T>(check: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  const last: T[] = [];
  const seenToHold = async (): Promise<{ readonly seen: T } | undefined> => {
    const seen = await check();
    last[0] = seen;
    return holds(seen) ? { seen } : undefined;
  };
  try {
    return (await until("what the test waits for", seenToHold, DEADLINE_MS)).seen;
  } catch (cause) {
    throw new Error(`It did not happen in time, or failed; last seen: ${inspect(last[0])}`, { cause });
  }
}

/**
 * Checks again until every assertion on what is seen holds, with a deadline: for much that comes one after the
 * other. Rejects with the assertion that failed last.
 */
export async function holdsEventually<T>(check: () => Promise<T>, assert: (seen: T) => void): Promise<T> {
  let failed: unknown;
  const seenNow = (): Promise<T> => {
    failed = undefined;
    return check();
  };
  const holds = (seen: T): boolean => {
    try {
      assert(seen);
      return true;
    } catch (error) {
      failed = error;
      return false;
    }
  };
  try {
    return await eventually(seenNow, holds);
  } catch (cause) {
    throw failed instanceof Error ? failed : cause;
  }
}
