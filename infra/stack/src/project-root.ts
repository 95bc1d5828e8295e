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
