import { readConfigFile } from "@tallystick/program";
import { configSchema, type Config } from "./config.ts";

/** Reads a configuration file; its key files stand beside it. Throws ConfigError. */
export function loadConfig(path: string): Config {
  const { value, resolvePath } = readConfigFile(path, configSchema);
  const { keyFile } = value.guarantee;
  return {
    ...value,
    chainKeyFile: resolvePath(value.chainKeyFile),
    issuerKeyFile: resolvePath(value.issuerKeyFile),
    parallelIssuerKeyFiles: value.parallelIssuerKeyFiles.map((path) => resolvePath(path)),
    guarantee: { ...value.guarantee, ...(keyFile === undefined ? {} : { keyFile: resolvePath(keyFile) }) },
  };
}
