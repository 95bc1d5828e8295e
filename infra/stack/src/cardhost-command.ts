import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { StackError } from "./errors.ts";

/** The checkout's root: the folder that holds the workspace file. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "pnpm-workspace.yaml"))) {
    if (dirname(folder) === folder)
      throw new StackError("NOT_INSTALLED", "this file is outside of a Tallystick checkout");
    folder = dirname(folder);
  }
  return folder;
}

/** The command line that starts cardhost, without cardhost's own arguments. */
export function javaCommand(): { command: string; args: string[] } {
  const jar = join(projectRoot(), "applet", "cardhost", "target", "cardhost.jar");
  if (!existsSync(jar)) throw new StackError("NOT_INSTALLED", "cardhost is not built; run `pnpm bootstrap`");
  return { command: "java", args: ["-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", jar] };
}
