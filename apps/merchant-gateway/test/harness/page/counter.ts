import type { TestCard } from "../test-card.ts";
import type { TestTerminal } from "../test-terminal.ts";

/** A counter with a reader: cards come and go while somebody waits for them. */
export class Counter {
  private readonly terminal: TestTerminal;
  private wakers: (() => void)[] = [];

  constructor(terminal: TestTerminal) {
    this.terminal = terminal;
    const { reader } = terminal;
    reader.card = null;
    reader.waitForCard = async ({ signal }) => {
      while (reader.card === null) await this.change(signal);
      return await reader.status();
    };
    reader.waitForRemoval = async ({ signal }) => {
      while (reader.card !== null) await this.change(signal);
    };
  }

  /** Puts a card there, or takes the one that is there away. */
  put(card: TestCard | null): void {
    this.terminal.reader.card = card;
    const { wakers } = this;
    this.wakers = [];
    for (const waker of wakers) waker();
  }

  private async change(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) throw signal.reason;
    await new Promise<void>((resolve, reject) => {
      this.wakers.push(resolve);
      signal?.addEventListener("abort", () => {
        reject(signal.reason as Error);
      });
    });
  }
}
