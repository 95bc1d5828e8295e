/** The end of the last work of each owner's turn. */
const turns = new WeakMap<object, Promise<unknown>>();

/**
 * Does one piece of work after the other of all that have the same owner, in the order in which they
 * came; one that fails does not hold up the next.
 */
export async function inTurn<T>(owner: object, work: () => Promise<T>): Promise<T> {
  const before = turns.get(owner) ?? Promise.resolve();
  const mine = before.then(work, work);
  turns.set(
    owner,
    mine.catch(() => undefined),
  );
  return await mine;
}
