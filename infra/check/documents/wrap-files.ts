/** `node infra/bootstrap/source.mjs infra/check/documents/wrap-files.ts FILE…`: breaks the prose of Markdown files as `pnpm check` wants it. */
import { readFileSync, writeFileSync } from "node:fs";
import { wrapMarkdown } from "./wrap.ts";

for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, "utf8");
  const wrapped = wrapMarkdown(text);
  if (wrapped !== text) writeFileSync(file, wrapped);
}
