import { describe, expect, it } from "@jest/globals";
import { createRow, parseRow, percentile, rowText } from "./row.ts";

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

describe("a row that is a sum", () => {
  const row = createRow({
    name: "a",
    unit: "ms",
    ours: 3,
    samples: 1,
    seed: null,
    account: { sign: 2, hash: 1.00049 },
  });

  it("keeps its parts when it is read again, and shows them", () => {
    expect(row.account).toEqual({ sign: 2, hash: 1 });
    expect(parseRow(JSON.stringify(row))).toEqual(row);
    expect(rowText(row)).toContain("= sign 2 + hash 1");
  });

  it.each([null, "2", [..."ab"], { sign: "2" }])("is no row with the account %j", (account) => {
    expect(parseRow(JSON.stringify({ ...row, account }))).toBeUndefined();
  });
});
