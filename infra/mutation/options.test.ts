import { describe, expect, it } from "@jest/globals";
import { MAX_JOBS } from "./limits.ts";
import { readOptions } from "./options.ts";

describe("the command line of a mutation run", () => {
  it("means all of protocol, judged by all its tests, when nothing is said", () => {
    expect(readOptions([])).toEqual({
      package: "protocol",
      mutate: ["src/**/*.ts"],
      tests: ["{src,test}/**/*.test.ts"],
      jobs: 1,
      report: ".tallystick/mutation-protocol.json",
      static: false,
    });
  });

  it("names sources, and the tests that judge them", () => {
    const args = [
      "--package",
      "apdu",
      "--mutate",
      "src/tlv.ts,src/scp/**/*.ts",
      "--tests",
      "src/tlv.test.ts,src/scp/*.test.ts",
    ];
    expect(readOptions([...args, "--jobs", "2", "--static", "--report", "out.json"])).toEqual({
      package: "apdu",
      mutate: ["src/tlv.ts", "src/scp/**/*.ts"],
      tests: ["src/tlv.test.ts", "src/scp/*.test.ts"],
      jobs: 2,
      report: "out.json",
      static: true,
    });
  });

  it.each([
    ["another package", ["--package", "card"]],
    ["a package that every object has", ["--package", "toString"]],
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
    ["an unknown option", ["--fast"]],
    ["a surplus word", ["protocol"]],
  ])("is refused for %s", (_what, args) => {
    expect(readOptions(args)).toBeNull();
  });
});
