import { type BackOff, backOffMs } from "./back-off.ts";
import { systemTimer, type Timer } from "./timer.ts";

/** Where a repeater reports; Nest's Logger is one. */
export interface RepeaterLog {
  log(message: string): void;
  warn(message: string): void;
}

/** When the next pass comes: after a time of its own, or never. */
export type NextPass = { readonly afterMs: number } | "never";

export interface RepeaterOptions {
  /**
   * One pass. It answers when the next one comes, or nothing for the usual pause. What it throws is
   * a failure: everything it does can run twice.
   */
  readonly pass: () => Promise<NextPass | void>;
  /** Milliseconds between the end of a pass and the next one. */
  readonly pauseMs: number;
  /** After failures; the usual pause where it is left out. */
  readonly backOff?: BackOff;
  readonly log: RepeaterLog;
  readonly timer?: Timer;
}

/** How the passes go. */
export interface RepeaterFaults {
  /** Passes that failed one after the other, up to now. */
  readonly inARow: number;
  /** All passes that failed. */
  readonly total: number;
  /** The message of the last failure; null since a pass succeeded. */
  readonly last: string | null;
}

/**
 * Runs a pass again and again, never two at once. A fault that lasts is logged once, when it begins
 * or changes, and once when it is over; all are counted.
 */
export class Repeater {
  private readonly options: RepeaterOptions;
  private readonly timer: Timer;
  private callOff: (() => void) | null = null;
  private running: Promise<void> | null = null;
  private stopped = false;
  private again = false;
  private counted: RepeaterFaults = { inARow: 0, total: 0, last: null };

  constructor(options: RepeaterOptions) {
    this.options = options;
    this.timer = options.timer ?? systemTimer;
  }

  get faults(): RepeaterFaults {
    return this.counted;
  }

  /**
   * Begins, with a first pass after so many milliseconds. Does nothing where it runs or was
   * stopped.
   */
  start(afterMs = 0): void {
    if (this.stopped || this.running !== null || this.callOff !== null) return;
    this.plan(afterMs);
  }

  /**
   * Makes the next pass come at once, or right after the one that is under way, also where none was
   * planned.
   */
  wake(): void {
    if (this.stopped) return;
    if (this.running !== null) {
      this.again = true;
      return;
    }
    this.callOff?.();
    this.plan(0);
  }

  /** Ends the repetition; resolves when the pass that is under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.callOff?.();
    this.callOff = null;
    await this.running;
  }

  private plan(ms: number): void {
    this.callOff = this.timer.after(ms, () => {
      this.callOff = null;
      this.running = this.turn().finally(() => {
        this.running = null;
      });
    });
  }

  private async turn(): Promise<void> {
    const next = await this.run();
    if (this.stopped) return;
    const again = this.again;
    this.again = false;
    if (again) this.plan(0);
    else if (next !== "never") this.plan(next.afterMs);
  }

  private async run(): Promise<NextPass> {
    const { pass, pauseMs, backOff } = this.options;
    try {
      const next = await pass();
      this.succeeded();
      return next ?? { afterMs: pauseMs };
    } catch (error) {
      this.failed(error instanceof Error ? error.message : String(error));
      return { afterMs: backOff === undefined ? pauseMs : backOffMs(this.counted.inARow, backOff) };
    }
  }

  private succeeded(): void {
    const { inARow, total } = this.counted;
    if (inARow === 0) return;
    this.options.log.log(`It works again after ${inARow} ${inARow === 1 ? "failure" : "failures"}.`);
    this.counted = { inARow: 0, total, last: null };
  }

  private failed(message: string): void {
    const { inARow, total, last } = this.counted;
    if (message !== last) this.options.log.warn(message);
    this.counted = { inARow: inARow + 1, total: total + 1, last: message };
  }
}
