import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BootstrapError, say } from "./console.mjs";
import { memory, root } from "./paths.mjs";

const skipped = new Set(["node_modules", "dist", "target", "out", "cache", "coverage", ".turbo", ".git"]);

/** All files under the paths (relative to the root), sorted, without what builds leave. */
function filesUnder(paths) {
  const found = [];
  const visit = (path) => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    if (!statSync(full).isDirectory()) {
      found.push(path);
      return;
    }
    for (const name of readdirSync(full)) if (!skipped.has(name)) visit(join(path, name));
  };
  paths.forEach(visit);
  return found.filter((path) => !path.endsWith(".tsbuildinfo")).sort();
}

/** SHA-256 over the names and contents of the files under the paths, and over the extra texts. */
export function contentHash(paths, texts = []) {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text}\0`);
  for (const path of filesUnder(paths))
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  return hash.digest("hex");
}

/**
 * Does a step unless it was done for exactly this content before. The stamp is written after the step, so that a step
 * that was interrupted is done again.
 * @param options.outputs paths that must exist for the stamp to count
 */
export async function once({ name, title, hash, outputs, step }) {
  const stamp = join(memory, name);
  const done = existsSync(stamp) && readFileSync(stamp, "utf8") === hash;
  if (done && outputs.every((path) => existsSync(join(root, path)))) return;
  rmSync(stamp, { force: true });
  const start = performance.now();
  say(`${title} …`);
  await step();
  const absent = outputs.filter((path) => !existsSync(join(root, path)));
  if (absent.length > 0) throw new BootstrapError(1, `${title} left out ${absent.join(", ")}`);
  mkdirSync(memory, { recursive: true });
  writeFileSync(stamp, hash);
  say(`${title} took ${Math.round((performance.now() - start) / 1000)} s`);
}
