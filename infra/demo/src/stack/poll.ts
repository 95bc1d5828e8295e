import { setTimeout as pause } from "node:timers/promises";
import { POLL_MS } from "../limits.ts";

/** Asks again until the answer is the wanted one, for what other processes do in their own time. */
export async function poll<T>(options: {
  what: string;
  ask: () => Promise<T>;
  until: (answer: T) => boolean;
  deadlineMs: number;
}): Promise<T> {
  const end = performance.now() + options.deadlineMs;
  for (;;) {
    const answer = await options.ask();
    if (options.until(answer)) return answer;
    if (performance.now() > end) {
      throw new Error(
        `${options.what} did not happen within ${options.deadlineMs / 1000} s; the last answer was ${JSON.stringify(answer)}`,
      );
    }
    await pause(POLL_MS);
  }
}
