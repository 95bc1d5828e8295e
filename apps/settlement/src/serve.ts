import { endGracefully, type ProgramLines } from "@tallystick/program";
import { createLogger } from "@tallystick/program/service";
import { createApplication, openDoors } from "./application.ts";
import { loadConfig } from "./foundation/config/load-config.ts";
import { LIMITS } from "./foundation/limits/limits.ts";
import { createPlatform } from "./platform.ts";

/** Runs the service. Standard output carries one line once it listens; the log goes to standard error. */
export async function serve(
  configFile: string,
  { app: name, lines }: { readonly app: string; readonly lines: ProgramLines },
): Promise<void> {
  const config = loadConfig(configFile);
  const logger = createLogger({ app: name, level: config.log.level });
  const platform = createPlatform(config);
  const app = await createApplication(platform, logger);
  const { terminals: url, administration } = await openDoors(app, platform);
  const withinMs = LIMITS.endMs;
  endGracefully({ end: () => app.close(), withinMs, report: (message) => logger.log(message) });
  lines.ready({ url, administration, pid: process.pid });
}
