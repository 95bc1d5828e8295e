import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describeFault, type Rule } from "./rule.ts";
import { runCommand } from "./run-command.ts";
import { architectureRule } from "./documents/architecture.ts";
import { citedRule } from "./documents/cited.ts";
import { comparisonRule } from "./documents/comparison.ts";
import { commandsRule } from "./documents/commands.ts";
import { duplicatesRule } from "./code/duplicates.ts";
import { limitsRule } from "./code/limits-rule.ts";
import { linksRule } from "./documents/links.ts";
import { oneAFileRule } from "./code/one-a-file.ts";
import { proseRule } from "./documents/prose.ts";
import { sizesRule } from "./code/sizes.ts";
import { sleepsRule } from "./code/sleeps.ts";
import { storeysRule } from "./code/storeys.ts";
import { wordsRule } from "./documents/words.ts";
import type { Checkout } from "./source-files.ts";

/** What a check came to. `output` says what to correct, `summary` what was counted. */
export type CheckResult = { readonly failed: boolean; readonly output: string; readonly summary: string };

/** One check of `pnpm check`. `run` gets a private folder for what it writes. */
export type Check = { readonly name: string; readonly run: (folder: string) => Promise<CheckResult> };

/** The rules that judge the texts of the checkout, each in a file of its own. */
export const rules: readonly Rule[] = [
  storeysRule,
  sizesRule,
  duplicatesRule,
  limitsRule,
  oneAFileRule,
  sleepsRule,
  wordsRule,
  proseRule,
  linksRule,
  citedRule,
  comparisonRule,
  commandsRule,
  architectureRule,
];

/** Every TypeScript project of the workspace; tests that stand in a folder of their own are one, too. */
export function projects(root: string): string[] {
  const under = (parent: string): string[] => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  return [...under("packages"), ...under("apps"), ...under("infra"), "e2e", "bench"]
    .flatMap((folder) => [folder, `${folder}/test`])
    .filter((folder) => existsSync(join(root, folder, "tsconfig.json")));
}

/** The rules as checks of this checkout. With `under`, faults of other places are passed over. */
export function ruleChecks({ files, otherPaths }: Checkout, under: readonly string[] = []): Check[] {
  return rules.map(({ name, judge }) => ({
    name,
    run: async () => {
      const { faults, summary = "" } = judge(files, otherPaths);
      const shown = faults.filter(({ path }) => under.length === 0 || under.some((place) => path.startsWith(place)));
      return { failed: shown.length > 0, output: shown.map(describeFault).join("\n"), summary };
    },
  }));
}

/** The checks that start another program, in two lanes: the checks of one lane run one after another. */
export function toolChecks(root: string): readonly (readonly Check[])[] {
  const bin = (name: string): string => join(root, "node_modules/.bin", name);
  const tool = (name: string, command: string, args: readonly string[]): Check => ({
    name,
    run: async (folder) => {
      const { code, output } = await runCommand({ command, args, cwd: root, folder });
      return { failed: code !== 0, output, summary: "" };
    },
  });
  const cruised = ["packages", "apps", "infra", "e2e", "bench"];
  return [
    [
      tool("types", bin("tsc"), ["-b", ...projects(root)]),
      tool("types of scripts", bin("tsc"), ["-p", "infra"]),
      tool("arrows and cycles", bin("depcruise"), ["--config", ".dependency-cruiser.cjs", ...cruised]),
      tool("vectors", process.execPath, ["vectors/generate.mjs", "--check"]),
      tool("vault's ABI", process.execPath, ["contracts/scripts/write-abi.mjs", "--check"]),
    ],
    [
      tool("lint", bin("eslint"), ["--max-warnings", "0", "."]),
      tool("lint by types", bin("oxlint"), ["--type-aware", "--deny-warnings", "."]),
      tool("format", bin("oxfmt"), ["--check", "."]),
      tool("format of Solidity", bin("prettier"), ["--check", "--log-level", "warn", "contracts/**/*.sol"]),
    ],
  ];
}
