import type { Coverage } from "./coverage.ts";

/**
 * What one card answered to one step after another, in a form that can be compared with another
 * card's.
 */
export class Transcript {
  #lines: string[] = [];
  readonly coverage: Coverage | null;

  constructor(coverage: Coverage | null) {
    this.coverage = coverage;
  }

  add(line: string): void {
    this.#lines.push(line);
  }

  /** The lines since the last time. */
  take(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  /** Does something whose answers are not compared: the other card has no need of it. */
  async unheard<T>(work: () => Promise<T>): Promise<T> {
    const lines = this.#lines;
    this.#lines = [];
    try {
      return await work();
    } finally {
      this.#lines = lines;
    }
  }
}
