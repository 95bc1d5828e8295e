import { availableParallelism } from "node:os";

/** One figure of a benchmark, beside a peer's where one ran in the same place. */
export interface Row {
  readonly schema: "tallystick.bench/1";
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: { readonly name: string; readonly value: number } | null;
  /** Ours divided by the peer's; null without a peer. */
  readonly ratio: number | null;
  readonly samples: number;
  readonly cores: number;
  /** Null where nothing was drawn from a seed. */
  readonly seed: number | null;
  readonly node: string;
  /** What `ours` is made of, in the same unit, where it is a sum. */
  readonly account?: Readonly<Record<string, number>>;
  /** Under which it was measured, where a name alone does not say it. */
  readonly conditions?: Readonly<Record<string, number>>;
}

/** Completes a figure with where it was measured. */
export function createRow(
  figure: Pick<Row, "name" | "unit" | "ours" | "samples" | "seed"> & Partial<Pick<Row, "peer" | "account">>,
): Row {
  const { name, unit, ours, samples, seed, peer = null, account } = figure;
  const ratio = peer === null ? null : rounded(ours / peer.value);
  return {
    schema: "tallystick.bench/1",
    name,
    unit,
    ours: rounded(ours),
    peer,
    ratio,
    samples,
    cores: availableParallelism(),
    seed,
    node: process.versions.node,
    ...(account === undefined ? {} : { account: roundedAll(account) }),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function roundedAll(account: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(account).map(([cause, value]) => [cause, rounded(value)]));
}

/** The value below which `part` (0–1) of the samples lie, by the nearest rank. */
export function percentile(samples: readonly number[], part: number): number {
  if (samples.length === 0 || part <= 0 || part > 1)
    throw new RangeError(`no percentile ${part} of ${samples.length} samples`);
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Reads a line that another program printed; undefined where it is no row of ours. */
export function parseRow(line: string): Row | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value["schema"] !== "tallystick.bench/1") return undefined;
  const numbers = ["ours", "samples", "cores"].every((name) => typeof value[name] === "number");
  const seeded = value["seed"] === null || typeof value["seed"] === "number";
  const texts = ["name", "unit", "node"].every((name) => typeof value[name] === "string");
  const account = value["account"];
  const summed =
    account === undefined || (isObject(account) && Object.values(account).every((part) => typeof part === "number"));
  return numbers && texts && seeded && summed ? (value as unknown as Row) : undefined;
}

/** A row for a person. */
export function rowText(row: Row): string {
  const peer = row.peer === null ? "" : `   ${row.peer.name} ${row.peer.value} (ratio ${row.ratio})`;
  const parts = Object.entries(row.account ?? {}).map(([cause, value]) => `${cause} ${value}`);
  const account = parts.length === 0 ? "" : `   = ${parts.join(" + ")}`;
  const conditions = Object.entries(row.conditions ?? {}).map(([name, value]) => `${name} ${value}`);
  const under = conditions.length === 0 ? "" : `   (${conditions.join(", ")})`;
  return `${row.name.padEnd(28)} ${String(row.ours).padStart(12)} ${row.unit.padEnd(16)} ${row.samples} samples${peer}${account}${under}`;
}
