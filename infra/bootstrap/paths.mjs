import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LEAST_OWN_NODE } from "./limits.mjs";

/** The checkout's root. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The commands of the installed packages. */
export const workspaceBin = join(root, "node_modules", ".bin");

/** The package of the Node that the lockfile names for this kind of machine, with its headers. */
export const nodePackage = join(root, "node_modules", `node-${process.platform}-${process.arch}`);

/**
 * The Node that every script of the project runs on: the lockfile's, or the machine's own where the lockfile has none for
 * its kind; undefined where that is too old.
 */
export function workspaceNode() {
  const own = join(nodePackage, "bin", "node");
  if (existsSync(own)) return own;
  return Number(process.versions.node.split(".")[0]) >= LEAST_OWN_NODE ? process.execPath : undefined;
}

/** Where this checkout keeps what it remembers between runs; never committed. */
export const memory = join(root, "node_modules", ".tallystick");

/** Held while a command installs and builds. Not under node_modules, which an installation may make anew. */
export const lockFile = join(root, ".tallystick", "preparing");
