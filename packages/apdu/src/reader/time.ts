import { ReaderError } from "./reader-error.ts";

/** Milliseconds on a clock that never goes back. */
export function nowMs(): number {
  return performance.now();
}

/** Waits; rejects with the signal's reason when it is given up. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", giveUp);
      resolve();
    }, ms);
    signal?.addEventListener("abort", giveUp, { once: true });
  });
}

/**
 * Waits for work, and rejects with CARD_MUTE when it is not done in time, after calling
 * `onTimeout`.
 */
export type TimeLimit = <T>(work: Promise<T>, onTimeout?: () => void) => Promise<T>;

interface LimitedCall {
  readonly startMs: number;
  readonly expire: () => void;
}

/**
 * A time limit for calls that follow one another. The work itself goes on: nothing can stop a
 * reader.
 *
 * Every command passes here, so the timer of one call is left running for the next ones, and looks
 * at the call under way when it rings. It does not keep the process alive: the call does, as long
 * as it is under way.
 */
export function createTimeLimit({
  timeoutMs,
  reader,
}: {
  readonly timeoutMs: number;
  readonly reader: string;
}): TimeLimit {
  let current: LimitedCall | null = null;
  let isArmed = false;
  const arm = (ms: number) => {
    isArmed = true;
    setTimeout(look, ms).unref();
  };
  const look = () => {
    isArmed = false;
    if (current === null) return;
    const leftMs = current.startMs + timeoutMs - nowMs();
    if (leftMs > 0) arm(leftMs);
    else current.expire();
  };
  return (work, onTimeout) =>
    new Promise((resolve, reject) => {
      const expire = () => {
        current = null;
        onTimeout?.();
        reject(new ReaderError("CARD_MUTE", { reader, detail: `no answer in ${timeoutMs} ms` }));
      };
      const call = { startMs: nowMs(), expire };
      const over = () => {
        if (current === call) current = null;
      };
      current = call;
      if (!isArmed) arm(timeoutMs);
      work.then(
        (result) => {
          over();
          resolve(result);
        },
        (error: unknown) => {
          over();
          reject(error as Error);
        },
      );
    });
}

/** One call with a time limit of its own. */
export function withTimeLimit<T>(
  work: Promise<T>,
  limit: { readonly timeoutMs: number; readonly reader: string },
): Promise<T> {
  return createTimeLimit(limit)(work);
}
