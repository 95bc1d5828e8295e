/**
 * Tries the alarms as they are used: the rules by `promtool check rules` and `promtool test rules`, then the runbooks'
 * printed commands against a running service, and the rotation of keys on a restored copy. Run by `pnpm soak watch`. Ends
 * with `N passed, N failed`.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const rules = join(import.meta.dirname, "rules");
const jest = [join(root, "node_modules/jest/bin/jest.js"), "--config", join(root, "apps/settlement/jest.config.mjs")];

const runs: readonly (readonly [string, readonly string[]])[] = [
  ["promtool", ["check", "rules", join(rules, "settlement.yml")]],
  ["promtool", ["test", "rules", join(rules, "settlement.test.yml")]],
  [process.execPath, ["--experimental-vm-modules", ...jest, "test/((runbooks|keys)\\.test|drills/)"]],
];

const env = { ...process.env, TALLYSTICK_DRILLS: "1" };
const failed = runs.filter(
  ([command, args]) => spawnSync(command, args, { env, stdio: ["ignore", "inherit", "inherit"] }).status !== 0,
).length;

process.stdout.write(`${runs.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
