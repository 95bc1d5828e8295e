import type { Timer } from "@tallystick/program";
import { SETTLEMENT_SILENCE_MS, SETTLEMENT_WHOLE_CALL_MS, SLOWEST_LINE_BYTES_PER_SECOND } from "../../limits.ts";
import { LineError } from "./line-fault.ts";

/**
 * Ends a call when nothing has moved for a while, or when it has taken too long in all (spec §5.8).
 */
export class ProgressDeadline {
  private readonly timer: Timer;
  private readonly expire: (error: LineError) => void;
  private readonly callOffWhole: () => void;
  private callOffSilence: () => void;
  private handedOver = 0;

  constructor(timer: Timer, expire: (error: LineError) => void) {
    this.timer = timer;
    this.expire = expire;
    this.callOffWhole = this.after(SETTLEMENT_WHOLE_CALL_MS);
    this.callOffSilence = this.after(SETTLEMENT_SILENCE_MS);
  }

  /**
   * Something moved. Bytes that the system has taken of a sending may still move, unseen, for as
   * long as the slowest line needs for them.
   */
  moved(bytesHandedOver = 0): void {
    this.handedOver += bytesHandedOver;
    this.callOffSilence();
    const unseenMs = Math.ceil(this.handedOver / SLOWEST_LINE_BYTES_PER_SECOND) * 1_000;
    this.callOffSilence = this.after(SETTLEMENT_SILENCE_MS + unseenMs);
  }

  end(): void {
    this.callOffWhole();
    this.callOffSilence();
  }

  private after(ms: number): () => void {
    return this.timer.after(ms, () => {
      this.end();
      this.expire(new LineError("LINE_TIMED_OUT", `nothing came within ${ms / 1_000} s`));
    });
  }
}
