import { LIVE_RATE_CARDS, SECONDS_AN_HOUR } from "../../limits.ts";
import type { OrderEvent } from "../../order/order-events.ts";

/** How far an order is, as numbers. */
export interface OrderCounts {
  /** Finished, in this run or before. */
  readonly finished: number;
  /** Made, and waiting for their deposits or their second visit. */
  readonly waiting: number;
  readonly setAside: number;
  readonly elsewhere: number;
  readonly total: number;
}

/** Counts what happens to an order, and says how long the rest will take. */
export class OrderProgress {
  readonly #total: number;
  readonly #finished = new Set<string>();
  readonly #waiting = new Set<string>();
  readonly #aside = new Set<string>();
  readonly #elsewhere = new Set<string>();
  /** When the last cards were made, milliseconds; the first is when the first card was asked for. */
  readonly #madeAtMs: number[] = [];

  constructor(total: number) {
    this.#total = total;
  }

  get counts(): OrderCounts {
    return {
      ...{ finished: this.#finished.size, waiting: this.#waiting.size, setAside: this.#aside.size },
      ...{ elsewhere: this.#elsewhere.size, total: this.#total },
    };
  }

  take(event: OrderEvent, nowMs: number): void {
    if (event.event === "await") return;
    const { reference } = event;
    if (event.event === "put" && this.#madeAtMs.length === 0) this.#madeAtMs.push(nowMs);
    if (event.event === "made") this.#made(reference, nowMs);
    if (event.event === "elsewhere") this.#elsewhere.add(reference);
    if (event.event === "done" || event.event === "known") {
      this.#waiting.delete(reference);
      this.#finished.add(reference);
    }
    if (event.event === "set-aside") {
      this.#waiting.delete(reference);
      this.#aside.add(reference);
    }
  }

  #made(reference: string, nowMs: number): void {
    this.#aside.delete(reference);
    this.#waiting.add(reference);
    this.#madeAtMs.push(nowMs);
    if (this.#madeAtMs.length > LIVE_RATE_CARDS) this.#madeAtMs.shift();
  }

  /** Cards an hour of those that were made last, and seconds that the rest takes at that rate; null before the first. */
  rate(nowMs: number): { readonly anHour: number; readonly secondsLeft: number } | null {
    const [sinceMs] = this.#madeAtMs;
    const made = this.#madeAtMs.length - 1;
    if (sinceMs === undefined || made < 1 || nowMs <= sinceMs) return null;
    const { finished, waiting, setAside, elsewhere, total } = this.counts;
    const secondsEach = (nowMs - sinceMs) / 1_000 / made;
    const left = Math.max(0, total - finished - waiting - setAside - elsewhere);
    return { anHour: Math.round(SECONDS_AN_HOUR / secondsEach), secondsLeft: Math.round(left * secondsEach) };
  }

  /** The live line. */
  text(nowMs: number): string {
    const { finished, waiting, setAside, total } = this.counts;
    const rate = this.rate(nowMs);
    return [
      `${finished} of ${total} done`,
      ...(waiting > 0 ? [`${waiting} waiting for the chain`] : []),
      ...(setAside > 0 ? [`${setAside} set aside`] : []),
      ...(rate === null ? [] : [`${rate.anHour} cards an hour`, `${durationText(rate.secondsLeft)} left`]),
    ].join(", ");
  }
}

/** Hours and minutes, or less. */
function durationText(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return `${seconds} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
