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

/** Rejects with CARD_MUTE when the work is not done in time. The work itself goes on: nothing can stop a reader. */
export async function withTimeLimit<T>(
  work: Promise<T>,
  limit: { readonly timeoutMs: number; readonly reader: string },
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(new ReaderError("CARD_MUTE", { reader: limit.reader, detail: `no answer in ${limit.timeoutMs} ms` })),
      limit.timeoutMs,
    );
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
