import { systemTimer, type Timer } from "./timer.ts";

/**
 * Waits for work, but no longer than so many milliseconds: null where it is late. What is late goes
 * on, and how it ends then is nobody's concern.
 */
export async function within<T>(
  ms: number,
  work: Promise<T>,
  timer: Timer = systemTimer,
): Promise<{ readonly value: T } | null> {
  let callOff = (): void => undefined;
  const late = new Promise<null>((resolve) => {
    callOff = timer.after(ms, () => {
      resolve(null);
    });
  });
  const done = work.then((value) => ({ value }));
  try {
    return await Promise.race([done, late]);
  } finally {
    callOff();
    done.catch(() => undefined);
  }
}
