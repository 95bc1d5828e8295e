import { describe, expect, it } from "@jest/globals";
import { parseSoakOptions, SOAK_KINDS, SoakUsageError } from "./soak-options.ts";

const draw = () => 77;

describe("the command line of a soak", () => {
  it("is the day of kills when it names nothing", () => {
    expect(parseSoakOptions([], draw)).toEqual({
      kinds: ["kills"],
      seed: 77,
      steps: 1_000_000,
      kills: 50,
      faults: 1_000,
      vouchers: 100_000,
      previous: null,
    });
  });

  it("names one kind or all", () => {
    expect(parseSoakOptions(["card", "--steps", "20000", "--seed", "1121"], draw)).toMatchObject({
      kinds: ["card"],
      steps: 20_000,
      seed: 1_121,
    });
    expect(parseSoakOptions(["console", "--vouchers", "1000000"], draw).vouchers).toBe(1_000_000);
    expect(parseSoakOptions(["upgrade", "--previous", "v1.2.0"], draw).previous).toBe("v1.2.0");
    expect(parseSoakOptions(["all", "--kills", "3", "--steps", "5"], draw).kinds).toEqual(SOAK_KINDS);
  });

  it.each([
    [["cards"]],
    [["card", "fuzz"]],
    [["--sed", "1"]],
    [["card", "--seed"]],
    [["card", "--seed", "0"]],
    [["card", "--seed", "2147483648"]],
    [["card", "--seed", "1e3"]],
    [["card", "--steps", "-1"]],
    [["card", "--steps", "1000000001"]],
    [["kills", "--kills", "61"]],
    [["kills", "--kills", "1.5"]],
    [["card", "--kills", "5"]],
    [["kills", "--faults", "5"]],
    [["faults", "--faults", "100001"]],
    [["contracts", "--steps", "5"]],
    [["history", "--vouchers", "5"]],
    [["console", "--vouchers", "10000001"]],
    [["console", "--previous", "main"]],
    [["upgrade", "--previous", "--help"]],
  ])("refuses %j", (args) => {
    expect(() => parseSoakOptions(args, draw)).toThrow(SoakUsageError);
  });
});
