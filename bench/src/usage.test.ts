import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

it.each([
  [["--help"], 0, "stdout", "stderr"],
  [["--frob"], 2, "stderr", "stdout"],
] as const)("says how it is used: %j", (args, exit, said, silent) => {
  const ended = spawnSync(process.execPath, ["--conditions=source", main, ...args], { encoding: "utf8" });
  expect([ended.status, ended[silent]]).toEqual([exit, ""]);
  expect(ended[said]).toContain("usage: pnpm bench");
  expect(ended[said]).not.toContain("    at ");
});
