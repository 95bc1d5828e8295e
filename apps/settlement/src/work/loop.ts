import { Logger } from "@nestjs/common";

/**
 * Runs a pass again and again, never two at once, with a pause between them. A pass that fails is logged and tried
 * again: everything it does can run twice.
 */
export class Loop {
  private readonly log: Logger;
  private readonly pass: () => Promise<unknown>;
  private readonly pauseMs: number;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private lastFault = "";

  constructor(options: { name: string; pauseMs: number; pass: () => Promise<unknown> }) {
    this.log = new Logger(options.name);
    this.pass = options.pass;
    this.pauseMs = options.pauseMs;
  }

  start(): void {
    this.running = this.run();
  }

  /** Waits for the pass that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      await this.pass();
      this.lastFault = "";
    } catch (error) {
      // A fault that lasts is said once, not every second.
      const fault = error instanceof Error ? error.message : String(error);
      if (fault !== this.lastFault) this.log.warn(fault);
      this.lastFault = fault;
    }
    if (this.stopped) return;
    this.timer = setTimeout(() => this.start(), this.pauseMs);
  }
}
