import { standingOf, storeys, type Storeys } from "../code/storey-table.ts";
import type { Fault, Rule } from "../rule.ts";
import { isProduction, type SourceFile } from "../source-files.ts";

const PAGE = "ARCHITECTURE.md";
/** A line of the page's list of packages: a name, an arrow, and what it imports. */
const LINE = /^([a-z-]+) +─► (.+)$/gm;
const IMPORT = /from "@tallystick\/([a-z-]+)/g;

/** The workspace packages that the production code of each app and package imports. */
export function importedPackages(files: readonly SourceFile[]): Map<string, Set<string>> {
  const imported = new Map<string, Set<string>>();
  for (const { path, text } of files.filter((file) => isProduction(file.path))) {
    const name = /^(?:apps|packages)\/([^/]+)\/src\//.exec(path)?.[1];
    if (name === undefined) continue;
    const targets = imported.get(name) ?? new Set();
    imported.set(name, targets);
    for (const [, target = ""] of text.matchAll(IMPORT)) if (target !== name) targets.add(target);
  }
  return imported;
}

/** Where the page's list of imports differs from the imports, or is not in an order in which all arrows point down. */
export function judgeImports(page: string, imported: ReadonlyMap<string, ReadonlySet<string>>): Fault[] {
  const listed = [...page.matchAll(LINE)].map(([, name = "", targets = ""]) => ({
    name,
    targets: targets === "nothing" ? [] : targets.split(", "),
  }));
  const places = new Map(listed.map(({ name }, place) => [name, place]));
  const missing = [...imported.keys()].filter((name) => !places.has(name));
  return [
    ...missing.map((name) => ({ path: PAGE, what: `lacks a line for ${name} in its list of imports` })),
    ...listed.flatMap(({ name, targets }, place) => {
      const real = [...(imported.get(name) ?? [])];
      return [
        ...(real.toSorted().join() === targets.toSorted().join()
          ? []
          : [{ path: PAGE, what: `says that ${name} imports ${targets.join(", ")}; it imports ${real.join(", ")}` }]),
        ...targets
          .filter((target) => (places.get(target) ?? Infinity) <= place)
          .map((target) => ({ path: PAGE, what: `lists ${target} above ${name}, which imports it` })),
      ];
    }),
  ];
}

/** Where the page's storeys of an app are not those of the table, in its order. */
export function judgeStoreys(page: string, table: Storeys): Fault[] {
  return Object.entries(table).flatMap(([root, levels]) => {
    const shown = new RegExp(`### ${root}\\n\\n\`\`\`\\n([^\`]*)\`\`\``).exec(page)?.[1] ?? "";
    const rooms = shown
      .split("\n")
      .flatMap((line) => (/^(\S+(?: · \S+)*) {2,}/.exec(line)?.[1] ?? "").split(" · "))
      .filter((room) => room !== "");
    const folders = levels.flat().filter((place) => place.endsWith("/"));
    const isSame = rooms.length === folders.length && inOrder(rooms, root, levels);
    return isSame ? [] : [{ path: PAGE, what: `shows other storeys of ${root} than infra/check/storeys.json` }];
  });
}

function inOrder(rooms: readonly string[], root: string, levels: Storeys[string]): boolean {
  const standings = rooms.map((room) => standingOf(root, levels, `${root}/${room}/x.ts`)?.storey ?? -1);
  return standings.every((storey, index) => storey >= 0 && storey >= (standings[index - 1] ?? 0));
}

/** ARCHITECTURE.md shows the imports between packages and the storeys of the apps as they are. */
export const architectureRule: Rule = {
  name: "architecture",
  judge: (files) => {
    const page = files.find(({ path }) => path === PAGE)?.text ?? "";
    return { faults: [...judgeImports(page, importedPackages(files)), ...judgeStoreys(page, storeys)] };
  },
};
