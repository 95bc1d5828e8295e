import { readConfigFile } from "@tallystick/program";
import { configSchema, type Config } from "./config.ts";

type Alarms = Config["alarms"];

function resolveAlarms({ ways, smtp, ...times }: Alarms, resolvePath: (path: string) => string): Alarms {
  const file = smtp?.passwordFile;
  return {
    ...times,
    ways: ways.map((way) => (way.kind === "webhook" ? { ...way, secretFile: resolvePath(way.secretFile) } : way)),
    ...(smtp === undefined
      ? {}
      : { smtp: { ...smtp, ...(file === undefined ? {} : { passwordFile: resolvePath(file) }) } }),
  };
}

/** Reads a configuration file; its key files stand beside it. Throws ConfigError. */
export function loadConfig(path: string): Config {
  const { value, resolvePath } = readConfigFile(path, configSchema);
  const { keyFile } = value.guarantee;
  return {
    ...value,
    chainKeyFile: resolvePath(value.chainKeyFile),
    issuerKeyFile: resolvePath(value.issuerKeyFile),
    parallelIssuerKeyFiles: value.parallelIssuerKeyFiles.map((path) => resolvePath(path)),
    alarms: resolveAlarms(value.alarms, resolvePath),
    guarantee: { ...value.guarantee, ...(keyFile === undefined ? {} : { keyFile: resolvePath(keyFile) }) },
  };
}
