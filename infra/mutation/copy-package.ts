import { cpSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** Folders of the checkout that tests read, at the same place beside the copy. */
const readByTests = ["vectors", "docs/spec", "docs/reference"];

/** What no copy needs: installed and built files. */
const skipped = /\/(node_modules|dist)(\/|$)/;

/**
 * Copies a package into the work folder, where Stryker may change it in place. Its libraries stay those of the checkout,
 * by links; only `@jest/globals` is another (see test-globals/), since Mocha runs the tests there.
 */
export function copyPackage(options: { root: string; work: string; name: string }): void {
  const { root, work, name } = options;
  for (const folder of [...readByTests, `packages/${name}`]) {
    cpSync(join(root, folder), join(work, folder), {
      recursive: true,
      filter: (source) => !skipped.test(source.slice(root.length)),
    });
  }
  const own = join(root, "packages", name, "node_modules");
  const linked = join(work, "packages", name, "node_modules");
  mkdirSync(linked);
  for (const library of librariesIn(own)) {
    if (library === "@jest/globals") continue;
    if (library.includes("/")) mkdirSync(join(linked, library.split("/")[0] ?? ""), { recursive: true });
    symlinkSync(realpathSync(join(own, library)), join(linked, library));
  }
  cpSync(join(import.meta.dirname, "test-globals"), join(linked, "@jest/globals"), { recursive: true });
}

/** Names of the libraries in a folder `node_modules`, with their scopes. */
function librariesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((entry) => !entry.startsWith("."))
    .flatMap((entry) =>
      entry.startsWith("@") ? readdirSync(join(folder, entry)).map((library) => `${entry}/${library}`) : [entry],
    );
}
