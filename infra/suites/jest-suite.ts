import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../check/run-command.ts";
import type { Suite } from "./suite.ts";

type JestReport = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
};

/** Counts the tests of one `jest --json` report. What was left out counts as failed: the project leaves none out. */
export function countJestTests(json: string): { passed: number; failed: number } {
  const counts = JSON.parse(json) as JestReport;
  const leftOut = counts.numPendingTests + counts.numTodoTests;
  return {
    passed: counts.numPassedTests,
    failed: counts.numFailedTests + counts.numRuntimeErrorTestSuites + leftOut,
  };
}

/** The Jest tests of one workspace folder. */
export function jestSuite(root: string, folder: string): Suite {
  return {
    name: folder,
    run: async (work) => {
      const report = join(work, "report.json");
      const { code, output } = await runCommand({
        command: process.execPath,
        args: [
          ...["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"],
          // Modules are loaded anew for each file: with room for them, they are copied once and not several times.
          ...["--min-semi-space-size=64", "--max-semi-space-size=64"],
          join(root, "node_modules/jest/bin/jest.js"),
          ...["--ci", "--json", "--outputFile", report, "--forceExit"],
          // Not among the temporary files: those of a suite go away with it.
          ...["--cacheDirectory", join(root, "node_modules/.cache/jest")],
        ],
        cwd: join(root, folder),
        folder: work,
        // The programs that tests start anew hundreds of times are compiled once.
        env: { NODE_COMPILE_CACHE: join(root, "node_modules/.cache/node") },
      });
      if (!existsSync(report)) return { passed: 0, failed: 1, output };
      const { passed, failed } = countJestTests(readFileSync(report, "utf8"));
      return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, output };
    },
  };
}
