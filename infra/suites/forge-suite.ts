import { join } from "node:path";
import { runCommand } from "../check/run-command.ts";
import type { Suite } from "./suite.ts";

type ForgeReport = Record<string, { test_results: Record<string, { status: string }> }>;

/** Counts the tests of `forge test --json`; undefined where the text is no such report. */
export function countForgeTests(json: string): { passed: number; failed: number } | undefined {
  let report: ForgeReport;
  try {
    report = JSON.parse(json) as ForgeReport;
  } catch {
    return undefined;
  }
  const statuses = Object.values(report).flatMap((file) => Object.values(file.test_results).map((test) => test.status));
  const passed = statuses.filter((status) => status === "Success").length;
  return { passed, failed: statuses.length - passed };
}

/** The Solidity tests. They run twice when something fails: once for the counts, once for a report a person can read. */
export function forgeSuite(root: string): Suite {
  return {
    name: "contracts",
    places: 2,
    run: async (work) => {
      const cwd = join(root, "contracts");
      const command = join(cwd, "node_modules/.bin/forge");
      const { code, output, stdout } = await runCommand({
        ...{ command, args: ["test", "--json"], cwd, folder: work },
        apart: true,
      });
      const counts = countForgeTests(stdout.slice(Math.max(0, stdout.indexOf("{"))));
      if (counts !== undefined && counts.failed === 0 && code === 0) return { ...counts, output };
      const readable = await runCommand({ command, args: ["test", "-vv"], cwd, folder: work });
      return { passed: counts?.passed ?? 0, failed: Math.max(1, counts?.failed ?? 1), output: readable.output };
    },
  };
}
