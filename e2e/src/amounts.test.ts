import { describe, expect, it } from "@jest/globals";
import { parseAmount } from "./amounts.ts";

describe("parseAmount", () => {
  it.each([
    ["0", 0n],
    ["2.50", 2_500_000n],
    ["0.000001", 1n],
    ["-1.5", -1_500_000n],
  ])("reads %p", (text, parts) => {
    expect(parseAmount(text)).toBe(parts);
  });

  it.each(["", ".5", "1.", "1.0000001", "1e3", " 1", "0x1"])("refuses %p", (text) => {
    expect(() => parseAmount(text)).toThrow(RangeError);
  });
});
