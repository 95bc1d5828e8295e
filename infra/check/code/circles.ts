import type { Import } from "./imports.ts";

/** Folders, or files beside them, of one folder that need each other. */
export type Circle = {
  readonly folder: string;
  /** Names in `folder`; those of folders end with a slash. */
  readonly members: readonly string[];
  /** Imports between the members, which is what has to be opened. */
  readonly imports: readonly Import[];
};

type Graph = Map<string, Map<string, Import[]>>;

/**
 * Every circle in which a folder takes part, at every level below the roots: in each folder, its subfolders and its own
 * files are the points, and an import from one into another is an arrow. Circles of files alone are dependency-cruiser's.
 */
export function findCircles(imports: readonly Import[], roots: readonly string[]): Circle[] {
  const graphs = new Map<string, Graph>();
  for (const each of imports) {
    const root = roots.find((folder) => each.from.startsWith(`${folder}/`) && each.to.startsWith(`${folder}/`));
    if (root !== undefined) addArrow(graphs, root, each);
  }
  return [...graphs].flatMap(([folder, graph]) =>
    knotsOf(graph)
      .filter((members) => members.some((name) => name.endsWith("/")))
      .map((members) => ({ folder, members, imports: importsWithin(graph, members) })),
  );
}

/** Puts an import into the graph of the lowest folder that holds both ends. */
function addArrow(graphs: Map<string, Graph>, root: string, arrow: Import): void {
  const from = arrow.from.slice(root.length + 1).split("/");
  const to = arrow.to.slice(root.length + 1).split("/");
  let depth = 0;
  while (depth < from.length - 1 && depth < to.length - 1 && from[depth] === to[depth]) depth += 1;
  const folder = [root, ...from.slice(0, depth)].join("/");
  const graph = graphs.get(folder) ?? (new Map() as Graph);
  graphs.set(folder, graph);
  const nameOf = (parts: readonly string[]): string => `${parts[depth] ?? ""}${depth < parts.length - 1 ? "/" : ""}`;
  const targets = graph.get(nameOf(from)) ?? new Map<string, Import[]>();
  graph.set(nameOf(from), targets);
  targets.set(nameOf(to), [...(targets.get(nameOf(to)) ?? []), arrow]);
}

/** The sets of more than one point in which each can be reached from each. */
function knotsOf(graph: Graph): string[][] {
  const reach = new Map([...graph.keys()].map((name) => [name, reachableFrom(graph, name)]));
  const knots: string[][] = [];
  const taken = new Set<string>();
  for (const [name, reached] of reach) {
    if (taken.has(name) || !reached.has(name)) continue;
    const members = [...reached].filter((other) => reach.get(other)?.has(name) === true).sort();
    for (const member of members) taken.add(member);
    knots.push(members);
  }
  return knots;
}

function reachableFrom(graph: Graph, start: string): Set<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const next of graph.get(name)?.keys() ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}

function importsWithin(graph: Graph, members: readonly string[]): Import[] {
  return members.flatMap((from) => members.flatMap((to) => (from === to ? [] : (graph.get(from)?.get(to) ?? []))));
}
