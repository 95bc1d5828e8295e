import { describe, expect, it } from "@jest/globals";
import { createRow, parseRow, percentile } from "./row.ts";

describe("percentile", () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  it.each([
    [0.5, 50],
    [0.99, 99],
    [1, 100],
    [0.001, 1],
  ])("of %p in 1…100 is %p", (part, value) => {
    expect(percentile(samples, part)).toBe(value);
  });

  it("refuses what has no answer", () => {
    expect(() => percentile([], 0.5)).toThrow(RangeError);
    expect(() => percentile([1], 0)).toThrow(RangeError);
  });
});

describe("parseRow", () => {
  const row = createRow({ name: "a", unit: "ms", ours: 2, samples: 3, seed: 4, peer: { name: "b", value: 8 } });

  it("reads what createRow made", () => {
    expect(parseRow(JSON.stringify(row))).toEqual(row);
    expect(row.ratio).toBe(0.25);
  });

  it.each(["", "{}", "null", '{"schema":"tallystick.bench/1"}', '{"schema":"tallystick.bench/2"}'])(
    "passes over %p",
    (line) => {
      expect(parseRow(line)).toBeUndefined();
    },
  );
});
