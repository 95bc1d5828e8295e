import { posix } from "node:path";
import type { SourceFile } from "../source-files.ts";

/** One import of a file of the same checkout by a relative path. */
export type Import = { readonly from: string; readonly to: string };

const SPECIFIER = /(?:\bfrom|\bimport|\bimport\()\s*"(\.{1,2}\/[^"]+)"/g;

/** What the TypeScript and JavaScript files import by relative paths, types included. */
export function importsOf(files: readonly SourceFile[]): Import[] {
  const known = new Set(files.map(({ path }) => path));
  return files
    .filter(({ path }) => /\.(tsx?|mjs|js)$/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(SPECIFIER)]
        .map(([, specifier = ""]) => posix.join(posix.dirname(path), specifier))
        .filter((to) => known.has(to) && to !== path)
        .map((to) => ({ from: path, to })),
    );
}
