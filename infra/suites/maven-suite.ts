import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../check/run-command.ts";
import type { Suite } from "./suite.ts";

/** Counts the tests of one Surefire report. Skipped tests count as failed: the project has none. */
export function countSurefireTests(xml: string): { passed: number; failed: number } {
  const [head = ""] = /<testsuite\b[^>]*>/.exec(xml) ?? [];
  const number = (name: string): number => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1] ?? "0");
  const failed = number("errors") + number("failures") + number("skipped");
  return { passed: number("tests") - failed, failed };
}

function reportFolders(root: string): string[] {
  const applet = join(root, "applet");
  return readdirSync(applet).map((module) => join(applet, module, "target", "surefire-reports"));
}

/** The Java tests of the applet and of cardhost. */
export function mavenSuite(root: string): Suite {
  return {
    name: "applet",
    run: async (work) => {
      const folders = reportFolders(root);
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      const { code, output } = await runCommand({
        command: "mvn",
        args: ["--batch-mode", "--quiet", "--file", "applet/pom.xml", "verify"],
        cwd: root,
        folder: work,
      });
      let passed = 0;
      let failed = 0;
      for (const folder of folders.filter((path) => existsSync(path))) {
        for (const name of readdirSync(folder).filter((file) => /^TEST-.*\.xml$/.test(file))) {
          const counts = countSurefireTests(readFileSync(join(folder, name), "utf8"));
          passed += counts.passed;
          failed += counts.failed;
        }
      }
      return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, output };
    },
  };
}
