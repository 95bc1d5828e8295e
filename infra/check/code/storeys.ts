import type { Fault, Rule } from "../rule.ts";
import { isProduction, isTest, type SourceFile } from "../source-files.ts";
import { findCircles, type Circle } from "./circles.ts";
import { importsOf, type Import } from "./imports.ts";
import { standingOf, storeys, type Storeys } from "./storey-table.ts";
import { NAMED_IMPORTS } from "../limits.ts";

/** Folders whose inside is looked at: each app, each package, and what stands beside them. */
function rootsOf(files: readonly SourceFile[]): string[] {
  const roots = files.map(({ path }) => /^(?:apps|packages)\/[^/]+|^[^/]+(?=\/)/.exec(path)?.[0] ?? "");
  return [...new Set(roots)].filter((root) => root !== "");
}

/** Imports that lead to a storey above or to another place of the same one, and files that stand in no storey. */
export function findUpwardArrows(
  files: readonly string[],
  imports: readonly Import[],
  table: Storeys,
): { readonly arrows: readonly Import[]; readonly homeless: readonly string[] } {
  const arrows: Import[] = [];
  const homeless: string[] = [];
  for (const [root, levels] of Object.entries(table)) {
    homeless.push(
      ...files.filter((path) => path.startsWith(`${root}/`) && standingOf(root, levels, path) === undefined),
    );
    for (const each of imports) {
      const from = standingOf(root, levels, each.from);
      const to = standingOf(root, levels, each.to);
      if (from === undefined || to === undefined) continue;
      if (to.storey < from.storey || (to.storey === from.storey && to.place !== from.place)) arrows.push(each);
    }
  }
  return { arrows, homeless };
}

function describeCircle({ folder, members, imports }: Circle): Fault {
  const shown = imports.slice(0, NAMED_IMPORTS).map(({ from, to }) => `\n    ${from} → ${to}`);
  const more = imports.length > NAMED_IMPORTS ? `\n    and ${imports.length - NAMED_IMPORTS} more` : "";
  return {
    path: folder,
    what: `is a circle of ${members.join(", ")}; move what both need below them:${shown.join("")}${more}`,
  };
}

/** No circles between the folders of an app or package, and no import from a storey to one above it. */
export const storeysRule: Rule = {
  name: "storeys",
  judge: (files) => {
    const production = files.filter(({ path }) => isProduction(path));
    const whole = files.filter(({ path }) => isProduction(path) || (/^e2e\//.test(path) && isTest(path)));
    const circles = findCircles(importsOf(whole), rootsOf(whole));
    const { arrows, homeless } = findUpwardArrows(
      production.map(({ path }) => path),
      importsOf(production),
      storeys,
    );
    return {
      faults: [
        ...circles.map(describeCircle),
        ...arrows.map(({ from, to }) => ({
          path: from,
          what: `imports ${to} from a storey that is not below it; see infra/check/storeys.json`,
        })),
        ...homeless.map((path) => ({
          path,
          what: "stands in no storey; name its folder in infra/check/storeys.json",
        })),
      ],
      summary: `${circles.length} circles, ${arrows.length} upward arrows`,
    };
  },
};
