import { existsSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../errors.ts";
import { projectRoot } from "../project-root.ts";

/** The command line that starts cardhost, without cardhost's own arguments. */
export function javaCommand(): { command: string; args: string[] } {
  const jar = join(projectRoot(), "applet", "cardhost", "target", "cardhost.jar");
  if (!existsSync(jar)) throw new StackError("NOT_INSTALLED", "cardhost is not built; run `pnpm bootstrap`");
  return { command: "java", args: ["-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", jar] };
}
