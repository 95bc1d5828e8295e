import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { formatAmount, formatTotal, fromBaseUnits, parseAmount, toBaseUnits } from "./amount.ts";
import { assertUnits, createAsset, isUnits } from "./asset.ts";
import { MoneyError } from "./errors.ts";
import { MAX_AMOUNT_TEXT_LENGTH, MAX_SCALE, MAX_UNITS } from "./limits.ts";

const dollar = createAsset({ code: "USDC", decimals: 6, scale: 1n });
const dai = createAsset({ code: "DAI", decimals: 6, scale: 10n ** 12n });
const yen = createAsset({ code: "JPY", decimals: 0, scale: 1n });

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof MoneyError) return error.code;
    throw error;
  }
  return "nothing thrown";
}

it("throws an error that a log can distinguish from others by its name", () => {
  expect(() => parseAmount("x", dollar)).toThrow(
    expect.objectContaining({ name: "MoneyError", code: "MALFORMED_AMOUNT" }),
  );
});

describe("parseAmount", () => {
  it.each([
    ["2.50", 2_500_000n],
    ["2.5", 2_500_000n],
    ["0", 0n],
    ["0.000001", 1n],
    ["281474976.710655", MAX_UNITS],
  ])("reads %s", (text, units) => {
    expect(parseAmount(text, dollar)).toBe(units);
  });

  it.each([
    [2.5, "NOT_A_STRING"],
    [2n, "NOT_A_STRING"],
    [null, "NOT_A_STRING"],
    ["", "MALFORMED_AMOUNT"],
    ["-1", "MALFORMED_AMOUNT"],
    ["+1", "MALFORMED_AMOUNT"],
    ["1e3", "MALFORMED_AMOUNT"],
    ["1,000", "MALFORMED_AMOUNT"],
    ["1.", "MALFORMED_AMOUNT"],
    [".5", "MALFORMED_AMOUNT"],
    ["01", "MALFORMED_AMOUNT"],
    [" 1", "MALFORMED_AMOUNT"],
    ["1\n", "MALFORMED_AMOUNT"],
    ["0x10", "MALFORMED_AMOUNT"],
    ["٣", "MALFORMED_AMOUNT"],
    ["1".repeat(35), "MALFORMED_AMOUNT"],
    ["0.0000001", "TOO_MANY_DECIMALS"],
    ["281474976.710656", "AMOUNT_OVERFLOW"],
  ])("refuses %p with %s", (text, code) => {
    expect(codeOf(() => parseAmount(text, dollar))).toBe(code);
  });

  it("takes no decimals where the asset has none", () => {
    expect(parseAmount("250", yen)).toBe(250n);
    expect(codeOf(() => parseAmount("250.0", yen))).toBe("TOO_MANY_DECIMALS");
  });
});

describe("the length of an amount's text", () => {
  const finest = createAsset({ code: "X", decimals: 18, scale: 1n });
  const longest = `${"1".repeat(15)}.${"0".repeat(18)}`;

  it("is read up to its limit and refused unread above it", () => {
    expect(longest).toHaveLength(MAX_AMOUNT_TEXT_LENGTH);
    expect(codeOf(() => parseAmount(longest, finest))).toBe("AMOUNT_OVERFLOW");
    expect(codeOf(() => parseAmount(`1${longest}`, finest))).toBe("MALFORMED_AMOUNT");
  });

  it("does not make the error long as well", () => {
    const messageOf = (text: string): string => {
      try {
        parseAmount(text, finest);
      } catch (error) {
        if (error instanceof MoneyError) return error.message;
      }
      return "";
    };
    const shown = messageOf(`${"x".repeat(MAX_AMOUNT_TEXT_LENGTH)}`);
    expect(shown).toContain("x".repeat(MAX_AMOUNT_TEXT_LENGTH));
    expect(messageOf("x".repeat(1_000_000))).toBe(shown);
  });
});

describe("formatAmount", () => {
  it.each([
    [2_500_000n, "2.50"],
    [1n, "0.000001"],
    [2_500_001n, "2.500001"],
    [0n, "0.00"],
    [1_230_000n, "1.23"],
    [1_200_000n, "1.20"],
    [MAX_UNITS, "281474976.710655"],
  ])("writes %s as %s", (units, text) => {
    expect(formatAmount(units, dollar)).toBe(text);
  });

  it("refuses what no amount can be, on either side", () => {
    expect(codeOf(() => formatAmount(-1n, dollar))).toBe("UNITS_OUT_OF_RANGE");
    expect(codeOf(() => formatAmount(MAX_UNITS + 1n, dollar))).toBe("UNITS_OUT_OF_RANGE");
    expect(formatAmount(250n, yen)).toBe("250");
  });

  it("reads back what it wrote, for every asset", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, MAX_UNITS), fc.integer({ min: 0, max: 18 }), (units, decimals) => {
        const asset = createAsset({ code: "X", decimals, scale: 1n });
        expect(parseAmount(formatAmount(units, asset), asset)).toBe(units);
      }),
    );
  });
});

describe("totals and base units", () => {
  it("writes sums above one amount and differences below zero", () => {
    expect(formatTotal(MAX_UNITS * 2n, dollar)).toBe("562949953.42131");
    expect(formatTotal(-1_500_000n, dollar)).toBe("-1.50");
    expect(formatTotal(-1n, dollar)).toBe("-0.000001");
    expect(formatTotal(0n, dollar)).toBe("0.00");
  });

  it("multiplies by the scale and divides without a remainder", () => {
    expect(toBaseUnits(2_500_000n, dai)).toBe(2_500_000_000_000_000_000n);
    expect(fromBaseUnits(2_500_000_000_000_000_000n, dai)).toBe(2_500_000n);
    expect(fromBaseUnits(0n, dai)).toBe(0n);
    expect(fromBaseUnits(MAX_UNITS * 10n ** 12n, dai)).toBe(MAX_UNITS);
    expect(codeOf(() => fromBaseUnits(1n, dai))).toBe("NOT_WHOLE_UNITS");
    expect(codeOf(() => fromBaseUnits(-1n, dollar))).toBe("NOT_WHOLE_UNITS");
    expect(codeOf(() => fromBaseUnits(MAX_UNITS + 1n, dollar))).toBe("AMOUNT_OVERFLOW");
  });

  it.each([
    [{ code: "", decimals: 6, scale: 1n }],
    [{ code: "US D", decimals: 6, scale: 1n }],
    [{ code: "USD", decimals: -1, scale: 1n }],
    [{ code: "USD", decimals: 19, scale: 1n }],
    [{ code: "USD", decimals: 1.5, scale: 1n }],
    [{ code: "USD", decimals: 6, scale: 0n }],
    [{ code: "USD", decimals: 6, scale: MAX_SCALE + 1n }],
    [{ code: "USD", decimals: 6, scale: 1 as unknown as bigint }],
    [{ code: "ABCDEFGHIJKLM", decimals: 6, scale: 1n }],
  ])("refuses the asset %p", (asset) => {
    expect(codeOf(() => createAsset(asset))).toBe("BAD_ASSET");
  });

  it("makes the largest and the smallest asset, and no one changes it afterwards", () => {
    const largest = createAsset({ code: "ABCDEFGHIJKL", decimals: 18, scale: MAX_SCALE });
    expect(largest).toEqual({ code: "ABCDEFGHIJKL", decimals: 18, scale: MAX_SCALE });
    expect(Object.isFrozen(largest)).toBe(true);
    expect(createAsset({ code: "X", decimals: 0, scale: 1n }).decimals).toBe(0);
  });

  it.each([
    [0n, true],
    [MAX_UNITS, true],
    [MAX_UNITS + 1n, false],
    [-1n, false],
    [1, false],
    ["1", false],
  ])("takes %p as units: %p", (value, good) => {
    expect(isUnits(value)).toBe(good);
    expect(codeOf(() => assertUnits(value))).toBe(good ? "nothing thrown" : "UNITS_OUT_OF_RANGE");
  });
});
