import { describe, expect, it } from "@jest/globals";
import { countForgeTests } from "./forge-suite.ts";
import { countJestTests } from "./jest-suite.ts";
import { countSurefireTests } from "./maven-suite.ts";

describe("countForgeTests", () => {
  it("adds up the files and takes only Success as passed", () => {
    const report = {
      "test/A.t.sol:A": { test_results: { "test_a()": { status: "Success" }, "test_b()": { status: "Failure" } } },
      "test/B.t.sol:B": { test_results: { "test_c()": { status: "Skipped" }, "test_d()": { status: "Success" } } },
    };
    expect(countForgeTests(JSON.stringify(report))).toEqual({ passed: 2, failed: 2 });
  });

  it("answers undefined to what is no report", () => {
    expect(countForgeTests("Compiler run failed")).toBeUndefined();
  });
});

describe("countSurefireTests", () => {
  it("counts errors, failures and skipped tests as failed", () => {
    const xml = `<?xml version="1.0"?>\n<testsuite name="A" time="0.1" tests="9" errors="1" skipped="2" failures="3"><testcase/></testsuite>`;
    expect(countSurefireTests(xml)).toEqual({ passed: 3, failed: 6 });
  });

  it("finds nothing in an empty report", () => {
    expect(countSurefireTests("")).toEqual({ passed: 0, failed: 0 });
  });
});

describe("countJestTests", () => {
  it("counts failures, suites that do not load, and tests that are left out as failed", () => {
    const report = {
      ...{ numPassedTests: 5, numFailedTests: 1, numRuntimeErrorTestSuites: 2 },
      ...{ numPendingTests: 3, numTodoTests: 4 },
    };
    expect(countJestTests(JSON.stringify(report))).toEqual({ passed: 5, failed: 10 });
  });
});
