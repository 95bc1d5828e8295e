import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand, type Suite } from "./suite.ts";

type JestReport = { numPassedTests: number; numFailedTests: number; numRuntimeErrorTestSuites: number };

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
          join(root, "node_modules/jest/bin/jest.js"),
          ...["--ci", "--json", "--outputFile", report, "--forceExit"],
          // Not among the temporary files: those of a suite go away with it.
          ...["--cacheDirectory", join(root, "node_modules/.cache/jest")],
        ],
        cwd: join(root, folder),
        folder: work,
      });
      if (!existsSync(report)) return { passed: 0, failed: 1, output };
      const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
        readFileSync(report, "utf8"),
      ) as JestReport;
      const failed = numFailedTests + numRuntimeErrorTestSuites;
      return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed, output };
    },
  };
}
