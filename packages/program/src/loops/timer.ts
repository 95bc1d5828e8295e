/** What waits; a test's own one needs no time. */
export interface Timer {
  /** Calls `run` after so many milliseconds; answers what calls it off. */
  after(ms: number, run: () => void): () => void;
}

/** The machine's timer. */
export const systemTimer: Timer = {
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};
