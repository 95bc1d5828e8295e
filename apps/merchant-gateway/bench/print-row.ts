import { cpus } from "node:os";

/** Prints one figure as a row of `pnpm bench`. */
export function printRow(figure: {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly count: number;
  readonly conditions: Readonly<Record<string, number>>;
}): void {
  const { name, unit, value, count, conditions } = figure;
  const row = {
    schema: "tallystick.bench/1",
    ...{ name, unit, ours: Number(value.toFixed(3)), peer: null, ratio: null, samples: count },
    ...{ cores: cpus().length, seed: null, node: process.version },
    conditions,
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
