import { BenchError } from "../bench-error.ts";
import { createRow, percentile, type Row } from "../row.ts";

/** One tap on a modelled chip. */
export interface ChipTap {
  /** What the terminal waited for all commands of the tap together. */
  readonly elapsedMs: number;
  /** The model's milliseconds by cause: `base`, `transfer` and the chip's operations. */
  readonly account: Readonly<Record<string, number>>;
}

/** PAY (docs/spec/4-card.md); with it the tap is complete. */
const INS_PAY = "10";

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The tap that a `latency` event of cardhost completes; undefined for any other command. Throws for an event without an account. */
export function readChipTap(event: Readonly<Record<string, unknown>>, elapsedMs: number): ChipTap | undefined {
  if (!completesTap(event)) return undefined;
  return { elapsedMs, account: accountIn(event, "tap") };
}

/** Whether this `latency` event of cardhost is the last one of a tap. */
export function completesTap(event: Readonly<Record<string, unknown>>): boolean {
  return event["instruction"] === INS_PAY;
}

/** The account of one command, or of the tap since its last SELECT, in a `latency` event. Throws for an event without one. */
export function accountIn(
  event: Readonly<Record<string, unknown>>,
  of: "account" | "tap",
): Readonly<Record<string, number>> {
  const account = event[of];
  if (!isObject(account)) throw new BenchError("CARD_ACCOUNT", `cardhost's latency event has no ${of}`);
  const parts = Object.entries(account).map(([cause, ms]) => {
    if (typeof ms !== "number" || !(ms >= 0))
      throw new BenchError("CARD_ACCOUNT", `cardhost's account of the tap has no time for ${cause}`);
    return [cause, ms] as const;
  });
  return Object.fromEntries(parts);
}

/** Two accounts as one. */
export function sumOf(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sum: Record<string, number> = { ...one };
  for (const [cause, ms] of Object.entries(other)) sum[cause] = (sum[cause] ?? 0) + ms;
  return sum;
}

/**
 * The rows of a chip: its quickest tap, with that tap's own account, which adds up to it, and the median. Whatever else the
 * machine does can only lengthen a tap, so that the quickest one tells most about chip, air and host.
 */
export function chipRows(chip: string, taps: readonly ChipTap[], what = "tap"): readonly Row[] {
  const sorted = [...taps].sort((a, b) => a.elapsedMs - b.elapsedMs);
  const [quickest] = sorted;
  if (quickest === undefined) throw new RangeError("no tap was measured");
  const modelled = Object.values(quickest.account).reduce((sum, ms) => sum + ms, 0);
  const account = { ...quickest.account, host: quickest.elapsedMs - modelled };
  const figure = { unit: "ms", samples: taps.length, seed: null };
  const times = taps.map(({ elapsedMs }) => elapsedMs);
  return [
    createRow({ ...figure, name: `${what} ${chip}`, ours: quickest.elapsedMs, account }),
    createRow({ ...figure, name: `${what} ${chip} p50`, ours: percentile(times, 0.5) }),
  ];
}
