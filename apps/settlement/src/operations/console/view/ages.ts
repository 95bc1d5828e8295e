import { DAY_HOURS, HOUR_MS, MINUTE_MS } from "../limits.ts";

/** How long something takes or is ago, in the two largest units of it. */
export function spanText(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  const hours = Math.floor(ms / HOUR_MS);
  const days = Math.floor(hours / DAY_HOURS);
  if (minutes < 1) return `${Math.max(0, Math.round(ms / 1_000))} s`;
  if (hours < 1) return `${minutes} min`;
  if (days < 1) return `${hours} h ${minutes - (hours * HOUR_MS) / MINUTE_MS} min`;
  return days < DAY_HOURS * 2 && hours % DAY_HOURS > 0 ? `${days} d ${hours % DAY_HOURS} h` : `${days} d`;
}

export function ageText(ms: number): string {
  return ms < 0 ? `in ${spanText(-ms)}` : `${spanText(ms)} ago`;
}
