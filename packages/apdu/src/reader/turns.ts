/**
 * Runs one piece of work after another, in the order they are given; a piece that fails does not
 * stop the next.
 */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A new queue. Work given to an idle one starts at once: every command passes here, and a command
 * rarely waits for another.
 */
export function createTurns(): Turns {
  let pending = 0;
  let last: Promise<void> = Promise.resolve();
  const done = () => void (pending -= 1);
  return (work) => {
    pending += 1;
    const result = pending === 1 ? work() : last.then(work);
    last = result.then(done, done);
    return result;
  };
}
