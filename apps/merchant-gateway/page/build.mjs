/**
 * Builds the terminal's page into `dist/page`: what is in `public` as it is, and the programs from `src`. Run as a
 * program it builds once; `buildPage` answers what it wrote.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const target = join(here, "../dist/page");

const common = {
  absWorkingDir: here,
  bundle: true,
  charset: "utf8",
  conditions: ["source"],
  format: "esm",
  legalComments: "none",
  logLevel: "error",
  minify: true,
  target: "es2022",
};

/** Whole files are moved into place: a terminal that runs meanwhile serves the one or the other. */
export async function buildPage(folder = target) {
  const made = `${folder}.${process.pid}`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  cpSync(join(here, "public"), made, { recursive: true });
  await build({
    ...common,
    entryPoints: { terminal: "src/main.ts" },
    outdir: made,
    splitting: true,
    chunkNames: "part-[name]-[hash]",
  });
  const files = readdirSync(made).toSorted();
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(join(made, file)));
  await build({
    ...common,
    entryPoints: { "service-worker": "src/service-worker.ts" },
    outdir: made,
    define: {
      SHELL_FILES: JSON.stringify(files),
      SHELL_VERSION: JSON.stringify(hash.digest("hex").slice(0, 16)),
    },
  });
  mkdirSync(folder, { recursive: true });
  const built = readdirSync(made);
  for (const file of readdirSync(folder)) if (!built.includes(file)) rmSync(join(folder, file), { recursive: true });
  for (const file of built) renameSync(join(made, file), join(folder, file));
  rmSync(made, { recursive: true });
  return { folder, files: built };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files } = await buildPage();
  writeFileSync(1, `the page: ${files.length} files\n`);
}
