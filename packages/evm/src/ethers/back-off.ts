import { MAX_DOUBLINGS, RPC_PAUSE_CEILING_MS, RPC_PAUSE_FIRST_MS } from "../limits.ts";

/**
 * Milliseconds to leave a node alone after so many failures in a row: doubled each time up to the
 * ceiling, of which between a half and the whole is taken at random.
 */
export function pauseAfter(failures: number, random: () => number): number {
  const doublings = Math.min(Math.max(failures - 1, 0), MAX_DOUBLINGS);
  const whole = Math.min(RPC_PAUSE_FIRST_MS * 2 ** doublings, RPC_PAUSE_CEILING_MS);
  return Math.round(whole / 2 + (whole / 2) * random());
}

/**
 * What `Retry-After` asks for, milliseconds from now: a number of seconds, or a date (RFC 9110
 * §10.2.3), at most `ceilingMs`. Null where it says neither.
 */
export function retryAfterMs(
  header: string | null,
  { now, ceilingMs }: { readonly now: number; readonly ceilingMs: number },
): number | null {
  const text = header?.trim() ?? "";
  if (text === "") return null;
  const asked = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(asked) ? null : Math.min(Math.max(asked, 0), ceilingMs);
}
