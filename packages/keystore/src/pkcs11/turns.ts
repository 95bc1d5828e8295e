import { KeystoreError } from "../keystore-error.ts";
import { MAX_WAITING_CALLS } from "../limits.ts";

/** One call after the other: a session of PKCS#11 does one thing at a time. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Whether a call runs or waits. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /** Rejects with KeystoreError HSM_BUSY where too many wait already. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING_CALLS)
      throw new KeystoreError("HSM_BUSY", `${MAX_WAITING_CALLS} calls wait for it already.`);
    this.#waiting += 1;
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }
}
