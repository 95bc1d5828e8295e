/** Work that is done again and again, one round at a time, each round saying when the next one is. */
export class Repeater {
  private readonly work: () => Promise<number | null>;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopped = false;

  /** `work` answers the seconds until its next round, or null for none; it must not reject. */
  constructor(work: () => Promise<number | null>) {
    this.work = work;
  }

  start(afterSeconds = 0): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.round = this.turn();
    }, afterSeconds * 1_000);
  }

  /** Ends the repetition; resolves when the round that is under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private async turn(): Promise<void> {
    const seconds = await this.work();
    if (seconds !== null) this.start(seconds);
  }
}
