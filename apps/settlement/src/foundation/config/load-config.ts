import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { configSchema, type Config } from "./config.ts";

/** The configuration cannot be used; `faults` lists every reason at once. */
export class ConfigError extends Error {
  readonly code = "CONFIG_INVALID";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration has ${faults.length} fault(s). Mend them and start again.\n- ${faults.join("\n- ")}`);
    this.faults = faults;
  }
}

/** Parses a configuration and throws ConfigError with every fault it has. */
export function parseConfig(value: unknown): Config {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join(".") || "(root)"}: ${issue.message}`));
}

/** Reads a configuration file; relative key files are looked for beside it. */
export function loadConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError([`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`]);
  }
  const config = parseConfig(parseJson(text, path));
  const folder = dirname(resolve(path));
  return {
    ...config,
    chainKeyFile: resolve(folder, config.chainKeyFile),
    issuerKeyFile: resolve(folder, config.issuerKeyFile),
  };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ConfigError([`${path} is not JSON.`]);
  }
}
