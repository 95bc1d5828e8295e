import { systemTimer, type Timer, within } from "@tallystick/program";
import { LIMITS } from "./limits/limits.ts";

export interface SharedReadOptions<T> {
  /** The expensive reading. */
  readonly read: () => Promise<T>;
  /** Times its own duration that it rests after a reading that was long. */
  readonly rest: number;
  /** Milliseconds, never running backwards. */
  readonly elapsed?: () => number;
  readonly timer?: Timer;
}

/** What was read, and how old it is. */
export interface Shared<T> {
  readonly value: T;
  readonly ageMs: number;
}

/**
 * One reading for everybody who asks: never two at once, and none while a long one rests, so that
 * however many ask, what is read is asked a part of the time. Nobody waits longer than they say.
 */
export class SharedRead<T> {
  private readonly options: SharedReadOptions<T>;
  private readonly elapsed: () => number;
  private readonly timer: Timer;
  private last: { readonly value: T; readonly at: number } | null = null;
  private fault: Error | null = null;
  private flight: Promise<void> | null = null;
  private restsUntil = -Infinity;

  constructor(options: SharedReadOptions<T>) {
    this.options = options;
    this.elapsed = options.elapsed ?? (() => performance.now());
    this.timer = options.timer ?? systemTimer;
  }

  /** What was read last, however old; null before the first reading. */
  get newest(): Shared<T> | null {
    return this.last === null ? null : { value: this.last.value, ageMs: this.elapsed() - this.last.at };
  }

  /**
   * What is at most `freshMs` old; else it is read, for which this waits at most `withinMs`, and
   * then answers what is there, or null. Throws what the newest reading threw.
   */
  async get({ freshMs, withinMs }: { readonly freshMs: number; readonly withinMs: number }): Promise<Shared<T> | null> {
    const known = this.newest;
    if (known !== null && this.fault === null && known.ageMs <= freshMs) return known;
    if (this.flight === null && this.elapsed() >= this.restsUntil) this.flight = this.fly();
    const { flight } = this;
    if (flight !== null && (await within(withinMs, flight, this.timer)) === null) return this.newest;
    if (this.fault !== null) throw this.fault;
    return this.newest;
  }

  private async fly(): Promise<void> {
    const began = this.elapsed();
    try {
      const value = await this.options.read();
      this.last = { value, at: this.elapsed() };
      this.fault = null;
    } catch (error) {
      this.fault = error instanceof Error ? error : new Error(String(error));
    } finally {
      const ended = this.elapsed();
      const took = ended - began;
      this.restsUntil = took < LIMITS.longReadMs ? ended : ended + took * this.options.rest;
      this.flight = null;
    }
  }
}
