import { existsSync, readdirSync } from "node:fs";
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
  const target = join(projectRoot(), "applet", "cardhost", "target");
  const jar = existsSync(target) ? readdirSync(target).find((name) => /^cardhost-.*\.jar$/.test(name)) : undefined;
  if (jar === undefined) throw new StackError("NOT_INSTALLED", "cardhost is not built; run mvn -f applet package");
  return {
    command: "java",
    args: [
      "-XX:+UseSerialGC",
      "-Xmx64m",
      "-Xshare:auto",
      "-cp",
      `${join(target, jar)}:${join(target, "dependency")}/*`,
      "cardhost.Main",
    ],
  };
}
