import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's root. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The commands of the installed packages. */
export const workspaceBin = join(root, "node_modules", ".bin");

/** The Node that the lockfile names; every script of the project runs on it. */
export const workspaceNode = join(workspaceBin, "node");

/** Where this checkout keeps what it remembers between runs; never committed. */
export const memory = join(root, "node_modules", ".tallystick");

/** Held while a command installs and builds. Not under node_modules, which an installation may make anew. */
export const lockFile = join(root, ".tallystick", "preparing");
