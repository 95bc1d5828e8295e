import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../suites/suite.ts";

/** One check of `pnpm check`. `failed` is 0 or 1; `output` says what to mend. */
export type Check = {
  readonly name: string;
  readonly run: (folder: string) => Promise<{ readonly failed: number; readonly output: string }>;
};

/** Every TypeScript project of the workspace. */
export function projects(root: string): string[] {
  const under = (parent: string): string[] => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  return [...under("packages"), ...under("apps"), ...under("infra"), "e2e", "bench"].filter((folder) =>
    existsSync(join(root, folder, "tsconfig.json")),
  );
}

/** The checks in the order of their cost. */
export function checks(root: string): Check[] {
  const tool = (name: string, command: string, args: readonly string[]): Check => ({
    name,
    run: async (folder) => {
      const { code, output } = await runCommand({ command, args, cwd: root, folder });
      return { failed: code === 0 ? 0 : 1, output };
    },
  });
  const bin = (name: string): string => join(root, "node_modules/.bin", name);
  return [
    tool("format", bin("prettier"), ["--check", "--log-level", "warn", "."]),
    tool("types", bin("tsc"), ["-b", ...projects(root)]),
    tool("types of scripts", bin("tsc"), ["-p", "infra"]),
    tool("arrows and cycles", bin("depcruise"), [
      "--config",
      ".dependency-cruiser.cjs",
      "packages",
      "apps",
      "infra",
      "e2e",
      "bench",
    ]),
    tool("lint", bin("eslint"), ["--max-warnings", "0", "."]),
    tool("vectors", process.execPath, ["vectors/generate.mjs", "--check"]),
    tool("vault's ABI", process.execPath, ["contracts/scripts/write-abi.mjs", "--check"]),
  ];
}
