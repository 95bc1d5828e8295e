import { readFileSync } from "node:fs";

/**
 * The storeys of each app from the top to the bottom. A place is a folder, with a slash at its end, or a file. Imports point to
 * storeys below; places of one storey do not import each other. .dependency-cruiser.cjs reads the same table.
 */
export type Storeys = Readonly<Record<string, readonly (readonly string[])[]>>;

/** What ARCHITECTURE.md shows. A file of an app that stands in no storey is a fault. */
export const storeys = JSON.parse(readFileSync(new URL("../storeys.json", import.meta.url), "utf8")) as Storeys;

/** Where a file stands: the number of its storey from the top, and its place in it. */
export type Standing = { readonly storey: number; readonly place: string };

/** Where a file below a root stands; undefined where no storey holds it. */
export function standingOf(root: string, levels: Storeys[string], path: string): Standing | undefined {
  for (const [storey, places] of (levels ?? []).entries()) {
    const place = places.find((each) =>
      each.endsWith("/") ? path.startsWith(`${root}/${each}`) : path === `${root}/${each}`,
    );
    if (place !== undefined) return { storey, place };
  }
  return undefined;
}
