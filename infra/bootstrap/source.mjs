/**
 * `node infra/bootstrap/source.mjs FILE.ts …`: runs a program of the sources on the Node that the lockfile names, whatever
 * Node the machine has.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { say } from "./console.mjs";
import { handOver } from "./hand-over.mjs";
import { root, workspaceBin, workspaceNode } from "./paths.mjs";

const [file, ...args] = process.argv.slice(2);
const node = workspaceNode();
if (file === undefined || !existsSync(resolve(root, file))) {
  say(`name a program of the sources, such as infra/check/documents/wrap-files.ts; there is no ${file ?? "name"}`);
  process.exitCode = 2;
} else if (node === undefined || !existsSync(join(workspaceBin, "tsc"))) {
  say("this checkout is not prepared; run npx -y pnpm@12 bootstrap");
  process.exitCode = 2;
} else {
  const flags = ["--conditions=source", "--disable-warning=ExperimentalWarning"];
  process.exitCode = await handOver(node, [...flags, resolve(root, file), ...args]);
}
