import { describe, expect, it } from "@jest/globals";
import { ApduError, assertLength, assertRange, isApduError } from "./apdu-error.ts";

describe("an APDU error", () => {
  it("has a code, a sentence and the details of the case", () => {
    const error = new ApduError("TORN", "The answer was cut off.", { actual: 1 });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "ApduError",
      code: "TORN",
      context: { actual: 1 },
    });
    expect(new ApduError("TORN", "x").context).toEqual({});
  });

  it("is distinguished from other errors, by its code where one is named", () => {
    expect(isApduError(new ApduError("TORN", "x"))).toBe(true);
    expect(isApduError(new ApduError("TORN", "x"), "TORN")).toBe(true);
    expect(isApduError(new ApduError("TORN", "x"), "STATUS")).toBe(false);
    expect(isApduError(Object.assign(new Error("x"), { code: "TORN" }), "TORN")).toBe(false);
  });
});

describe("an assertion", () => {
  it("names the field, what came and what was expected of its length", () => {
    expect(() => assertLength("key", new Uint8Array(16), 16)).not.toThrow();
    expect(() => assertLength("key", new Uint8Array(15), 16)).toThrow(
      expect.objectContaining({
        code: "WRONG_LENGTH",
        context: { field: "key", expected: 16, actual: 15 },
      }),
    );
  });

  it.each([1, 5])("takes %i for 1 to 5", (value) => {
    expect(() => assertRange("le", value, { min: 1, max: 5 })).not.toThrow();
  });

  it.each([0, 6, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d for 1 to 5", (value) => {
    expect(() => assertRange("le", value, { min: 1, max: 5 })).toThrow(
      expect.objectContaining({
        code: "OUT_OF_RANGE",
        context: { field: "le", value, min: 1, max: 5 },
      }),
    );
  });
});
