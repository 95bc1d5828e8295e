import { BenchError } from "../bench-error.ts";
import { createRow, percentile, type Row } from "../row.ts";

/** One tap on a modelled chip. */
export interface ChipTap {
  /** What the terminal waited for SELECT and PAY together. */
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
  if (event["instruction"] !== INS_PAY) return undefined;
  const account = event["tap"];
  if (!isObject(account)) throw new BenchError("CARD_ACCOUNT", "cardhost's latency event has no account of the tap");
  const parts = Object.entries(account).map(([cause, ms]) => {
    if (typeof ms !== "number" || !(ms >= 0))
      throw new BenchError("CARD_ACCOUNT", `cardhost's account of the tap has no time for ${cause}`);
    return [cause, ms] as const;
  });
  return { elapsedMs, account: Object.fromEntries(parts) };
}

/**
 * The rows of a chip: its quickest tap, with that tap's own account, which adds up to it, and the median. Whatever else the
 * machine does can only lengthen a tap, so that the quickest one tells most about chip, air and host.
 */
export function chipRows(chip: string, taps: readonly ChipTap[]): readonly Row[] {
  const sorted = [...taps].sort((a, b) => a.elapsedMs - b.elapsedMs);
  const [quickest] = sorted;
  if (quickest === undefined) throw new RangeError("no tap was measured");
  const modelled = Object.values(quickest.account).reduce((sum, ms) => sum + ms, 0);
  const account = { ...quickest.account, host: quickest.elapsedMs - modelled };
  const figure = { unit: "ms", samples: taps.length, seed: null };
  const times = taps.map(({ elapsedMs }) => elapsedMs);
  return [
    createRow({ ...figure, name: `tap ${chip}`, ours: quickest.elapsedMs, account }),
    createRow({ ...figure, name: `tap ${chip} p50`, ours: percentile(times, 0.5) }),
  ];
}
