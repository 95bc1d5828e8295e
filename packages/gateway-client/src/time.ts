/** Calls back once after so many milliseconds, unless what it answers is called before. */
export type After = (ms: number, callback: () => void) => () => void;

/** A signal that aborts after so many milliseconds, or with another one; `end` forgets both. */
export function deadline(
  after: After,
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal | undefined },
): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  const cancel = after(ms, abort);
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort);
  const end = (): void => {
    cancel();
    signal?.removeEventListener("abort", abort);
  };
  return { signal: controller.signal, end };
}
