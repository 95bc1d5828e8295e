import { setTimeout as pause } from "node:timers/promises";
import { inspect } from "node:util";

/** How long a test waits for something: long, so that only what hangs ever reaches it. */
const DEADLINE_MS = 120_000;
const PAUSE_MS = 40;

/** Checks again until the condition holds, with a deadline; returns what was seen last. */
export async function eventually<T>(check: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    const seen = await check();
    if (holds(seen)) return seen;
    if (performance.now() > end) throw new Error(`It did not happen in time; last seen: ${inspect(seen)}`);
    await pause(PAUSE_MS);
  }
}
