import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

/** Folders of the checkout that tests read, at the same place beside the copy. */
const readByTests = ["vectors", "docs/spec", "docs/reference", "docs/operating"];

/** What no copy needs: installed and built files. */
const skipped = /\/(node_modules|dist)(\/|$)/;

/**
 * Copies a package or an app into the work folder, where Stryker may change it in place. Its libraries stay those of the
 * checkout, by links; only `@jest/globals` is another (see test-globals/), since Mocha runs the tests there.
 */
export function copyPart(options: { root: string; work: string; folder: string }): void {
  const { root, work, folder } = options;
  for (const copied of [...readByTests, folder]) {
    cpSync(join(root, copied), join(work, copied), {
      recursive: true,
      filter: (source) => !skipped.test(source.slice(root.length)),
    });
  }
  const own = join(root, folder, "node_modules");
  const linked = join(work, folder, "node_modules");
  mkdirSync(linked);
  for (const library of librariesIn(own)) {
    if (library === "@jest/globals") continue;
    mkdirSync(dirname(join(linked, library)), { recursive: true });
    symlinkSync(realpathSync(join(own, library)), join(linked, library));
  }
  // The substitute tells the library of properties which cases to try, so it needs the one of the tests.
  const properties = join(linked, "fast-check");
  if (!existsSync(properties)) symlinkSync(realpathSync(join(root, "node_modules/fast-check")), properties);
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
