import { DAY_MS } from "../../foundation/limits/limits.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { PERIOD_DAYS } from "./limits.ts";

/** Days of the calendar in UTC, the first and the last one of a period. */
export interface Period {
  readonly from: string;
  readonly to: string;
  /** Milliseconds of its beginning, and of the first moment after it. */
  readonly fromMs: number;
  readonly endMs: number;
}

/** The day of a moment, as 2026-11-29. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, "2026-11-29".length);
}

/** A day's first millisecond; null where the text is no day. */
export function dayMs(text: unknown): number | null {
  if (typeof text !== "string" || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return null;
  const atMs = Date.parse(`${text}T00:00:00.000Z`);
  return Number.isNaN(atMs) || atMs < 0 || dayOf(atMs) !== text ? null : atMs;
}

/** The period of a query. Throws Problem MALFORMED_BODY or PERIOD_RANGE. */
export function periodOf(from: unknown, to: unknown): Period {
  const [fromMs, toMs] = [dayMs(from), dayMs(to)];
  if (typeof from !== "string" || typeof to !== "string" || fromMs === null || toMs === null)
    throw new Problem("MALFORMED_BODY", "from and to: write days, as 2026-11-29.");
  if (toMs < fromMs) throw new Problem("PERIOD_RANGE", `It ends before it begins: ${to} is before ${from}.`);
  const days = (toMs - fromMs) / DAY_MS + 1;
  if (days > PERIOD_DAYS)
    throw new Problem("PERIOD_RANGE", `It has ${days} days, both ends counted; a period has at most ${PERIOD_DAYS}.`);
  return { from, to, fromMs, endMs: toMs + DAY_MS };
}
