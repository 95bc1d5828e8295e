import { describe, expect, it } from "@jest/globals";
import { DEFAULT_SAMPLE, MAX_JOBS, MAX_SAMPLE, MAX_SEED } from "./limits.ts";
import { readOptions } from "./options.ts";

const drawSeed = (): number => 4_711;
const read = (...args: readonly string[]): unknown => readOptions(args, drawSeed);

describe("the command line of a mutation run", () => {
  it("means a sample of protocol from a drawn seed, judged by all its tests, when nothing is said", () => {
    expect(read()).toEqual({
      part: "protocol",
      mutate: ["src/**/*.ts"],
      tests: ["{src,test}/**/*.test.ts"],
      sample: DEFAULT_SAMPLE,
      skip: 0,
      seed: 4_711,
      jobs: 1,
      report: ".tallystick/mutation-protocol.json",
      static: false,
      json: false,
    });
    expect(DEFAULT_SAMPLE).toBe(300);
  });

  it("means a part's own sources and tests when a part is named", () => {
    expect(read("--part", "gateway-taps")).toMatchObject({
      mutate: ["src/taps/**/*.ts"],
      report: ".tallystick/mutation-gateway-taps.json",
    });
  });

  it("names sources, and the tests that judge them; a comma in braces parts nothing", () => {
    const args = ["--part", "apdu", "--mutate", "src/tlv.ts,src/{scp,reader}/**/*.ts"];
    const more = ["--tests", "src/tlv.test.ts,src/{scp,reader}/*.test.ts", "--jobs", "2", "--static", "--json"];
    expect(read(...args, ...more, "--report", "out.json", "--sample", "0", "--skip", "190", "--seed", "0")).toEqual({
      part: "apdu",
      mutate: ["src/tlv.ts", "src/{scp,reader}/**/*.ts"],
      tests: ["src/tlv.test.ts", "src/{scp,reader}/*.test.ts"],
      sample: 0,
      skip: 190,
      seed: 0,
      jobs: 2,
      report: "out.json",
      static: true,
      json: true,
    });
  });

  it("takes the largest seed and sample", () => {
    expect(read("--seed", String(MAX_SEED), "--sample", String(MAX_SAMPLE))).toMatchObject({
      seed: MAX_SEED,
      sample: MAX_SAMPLE,
    });
  });

  it("takes the contracts, whose tests have a form of their own", () => {
    const read = readOptions(["--part", "contracts"], () => 9);
    expect(read).toMatchObject({ part: "contracts", mutate: ["src/**/*.sol"], tests: ["test/*.t.sol"], seed: 9 });
  });

  it.each([
    ["another part", ["--part", "card"]],
    ["a part that every object has", ["--part", "toString"]],
    ["no source", ["--mutate", ""]],
    ["nothing but what is left out", ["--mutate", "!src/caps.ts"]],
    ["no test", ["--tests", ""]],
    ["half a number of jobs", ["--jobs", "2x"]],
    ["a source elsewhere", ["--mutate", "dist/index.js"]],
    ["a source that is left out", ["--mutate", "src/**/*.ts,!src/caps.ts"]],
    ["a source outside the package", ["--mutate", "src/../../money/src/index.ts"]],
    ["a test that is none", ["--tests", "src/caps.ts"]],
    ["a test outside the package", ["--tests", "src/../../money/src/amount.test.ts"]],
    ["a test that is left out", ["--tests", "src/!caps.test.ts"]],
    ["no job", ["--jobs", "0"]],
    ["too many jobs", ["--jobs", String(MAX_JOBS + 1)]],
    ["a sample below 0", ["--sample", "-1"]],
    ["a sample that is too large", ["--sample", String(MAX_SAMPLE + 1)]],
    ["a seed that is no number", ["--seed", "today"]],
    ["a seed that is too large", ["--seed", String(MAX_SEED + 1)]],
    ["an unknown option", ["--fast"]],
    ["a surplus word", ["protocol"]],
  ])("is refused for %s", (_what, args) => {
    expect(read(...args)).toBeNull();
  });
});
