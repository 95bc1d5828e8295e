/**
 * Tries the rules of the alarms as Prometheus itself reads them: `promtool check rules`, then
 * `promtool test rules`. Run by `pnpm soak watch`. Ends with `N passed, N failed`.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const rules = join(import.meta.dirname, "rules");

const failed = [
  ["check", "rules", join(rules, "settlement.yml")],
  ["test", "rules", join(rules, "settlement.test.yml")],
].filter((args) => spawnSync("promtool", args, { stdio: ["ignore", "inherit", "inherit"] }).status !== 0).length;

process.stdout.write(`${2 - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
