import { checkLine, runChecks } from "@tallystick/program";
import { loadConfig } from "../../foundation/config/load-config.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { installationChecks } from "../../operations/check/installation-checks.ts";
import { closePlatform, createPlatform } from "../../platform.ts";
import { databaseRule, nodeRule } from "./failure-rules.ts";

/** Writes a line for each thing that the configuration names; resolves to the code of the first fault. */
export async function checkConfig(
  configFile: string,
  { app, json, write }: { readonly app: string; readonly json: boolean; readonly write: (line: string) => void },
): Promise<number> {
  const platform = createPlatform(loadConfig(configFile));
  try {
    return await runChecks(installationChecks(platform), {
      ...{ limitMs: LIMITS.checkMs, rules: [databaseRule, nodeRule] },
      report: (result) => write(checkLine(app, result, json)),
    });
  } finally {
    await closePlatform(platform);
  }
}
