import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of the checkout: its path from the root with forward slashes, and its text. */
export type SourceFile = { readonly path: string; readonly text: string };

/** Folders that hold what is installed, built, generated or remembered, and nothing that somebody wrote. */
const PASSED_OVER = new Set([
  ...["node_modules", "dist", "out", "cache", "target", "coverage", "broadcast", "generated"],
  ...[".git", ".turbo", ".tallystick"],
]);

/** Endings of the files that the checks read. */
const READ = /\.(tsx?|mjs|js|cjs|java|sol|css|html|md|json)$/;

/** What somebody wrote: the files that the checks read, and the paths of all others. */
export type Checkout = { readonly files: readonly SourceFile[]; readonly otherPaths: readonly string[] };

/** Every file under the root that somebody wrote, sorted by path. */
export function readCheckout(root: string): Checkout {
  const files: SourceFile[] = [];
  const otherPaths: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!PASSED_OVER.has(entry.name)) visit(path);
      } else if (READ.test(entry.name)) files.push({ path, text: readFileSync(join(root, path), "utf8") });
      else otherPaths.push(path);
    }
  };
  visit("");
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), otherPaths };
}

/** Programs in a language that the checks measure. */
export function isProgram(path: string): boolean {
  return /\.(tsx?|mjs|js|cjs|java|sol)$/.test(path);
}

/** Tests, what they share, and whole-system tests; everything else is production. */
export function isTest(path: string): boolean {
  return (
    /\.test\.(tsx?|mjs)$|\.t\.sol$/.test(path) ||
    /(^|\/)(test|testing|harness)\//.test(path) ||
    /^(e2e|vectors)\//.test(path) ||
    /(^|\/)jest\.[a-z-]*\.?(config|base)\.mjs$/.test(path)
  );
}

/** A production file: a program that is neither a test nor written by another program. */
export function isProduction(path: string): boolean {
  return isProgram(path) && !isTest(path) && !WRITTEN_BY_PROGRAMS.includes(path);
}

/** Files that a program writes, and a check compares. */
const WRITTEN_BY_PROGRAMS: readonly string[] = ["packages/vault/src/abi/vault-abi.ts"];
