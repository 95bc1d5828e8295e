import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guardFolder, unguardFolder } from "./guardian.ts";

/**
 * A private folder for one part, under the system's folder for temporary files. It goes away with `remove`, and at the
 * latest when this process ends.
 */
export type WorkFolder = { readonly path: string; readonly remove: () => void };

/** Makes a private folder; `name` shows in its path. */
export function makeWorkFolder(name: string): WorkFolder {
  const path = mkdtempSync(join(tmpdir(), `tallystick-${name}-`));
  guardFolder(path);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
      unguardFolder(path);
    },
  };
}
