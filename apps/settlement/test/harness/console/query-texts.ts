import type { OpenAPIObject } from "@nestjs/swagger";

/** Queries of the console's pages, which no document describes. */
const PAGES: readonly (readonly [path: string, names: readonly string[]])[] = [
  ["/console/search", ["q"]],
  ["/console/cases", ["state", "kind", "before"]],
  ["/console/books", ["account", "at", "before"]],
  ["/console/merchants", ["after"]],
  ["/console/cards", ["before"]],
  ["/console/costs", ["from", "to", "by"]],
];

/** A text that no database takes, and a name that is written twice. */
const written = (name: string): readonly string[] => [`${name}=a%00b`, `${name}=a&${name}=b`];

/** Every query that a service reads, each name as no browser writes it. `filled` puts values into a path's places. */
export function strangeQueries({ paths }: OpenAPIObject, filled: (path: string) => string): readonly string[] {
  const described = Object.entries(paths).map(([path, { get }]) => {
    const parameters = (get?.parameters ?? []) as readonly { readonly in: string; readonly name: string }[];
    return [filled(path), parameters.flatMap(({ in: place, name }) => (place === "query" ? [name] : []))] as const;
  });
  return [...described, ...PAGES].flatMap(([path, names]) =>
    names.flatMap((name) => written(name).map((query) => `${path}?${query}`)),
  );
}
