import "reflect-metadata";
import { parseArgs } from "node:util";
import { createApplication } from "./application.ts";
import { ConfigError, loadConfig } from "./foundation/config/load-config.ts";
import { InstallationMismatch } from "./foundation/database/installation.ts";
import { KeyFileError } from "./foundation/keys/key-file.ts";
import { PinoLogger } from "./foundation/logging.ts";
import { createPlatform } from "./platform.ts";

/** Exit codes: 2 usage or configuration, 3 a database that belongs to another vault, 1 anything else. */
const EXIT = { failed: 1, usage: 2, mismatch: 3 } as const;

/**
 * `main.js --config FILE`. Standard output carries one JSON line once the service listens; logs go to standard error.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: "string" } } });
  if (values.config === undefined) throw new ConfigError(["--config FILE is missing."]);
  const platform = createPlatform(loadConfig(values.config));
  const app = await createApplication(platform, new PinoLogger());
  const { host, port } = platform.config.listen;
  await app.listen(port, host);
  const url = (await app.getUrl()).replace("[::1]", "127.0.0.1");
  const ready = { schema: "tallystick.ready/1", app: "settlement", url, pid: process.pid };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

main().catch((error: unknown) => {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${text}\n`);
  const usage = error instanceof ConfigError || error instanceof KeyFileError || isArgumentFault(error);
  process.exit(usage ? EXIT.usage : error instanceof InstallationMismatch ? EXIT.mismatch : EXIT.failed);
});

function isArgumentFault(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}
