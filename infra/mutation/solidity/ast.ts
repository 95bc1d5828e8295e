/** A node of the compiler's syntax tree. Each kind has fields of its own, which the operators read by name. */
export type Node = { readonly nodeType: string; readonly src: string } & Readonly<Record<string, unknown>>;

/** Where a piece of source stands: bytes from the file's start, the end excluded. */
export type Span = { readonly start: number; readonly end: number };

/** Whether a value of the tree is a node. */
export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "nodeType" in value && "src" in value;
}

/** The field of a node that holds a node. */
export function child(node: Node, name: string): Node | null {
  const value = node[name];
  return isNode(value) ? value : null;
}

/** The field of a node that holds several; what is left out in between is left out. */
export function children(node: Node, name: string): readonly Node[] {
  const value = node[name];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** A field that holds a text, or the empty one. */
export function text(node: Node, name: string): string {
  const value = node[name];
  return typeof value === "string" ? value : "";
}

/** The place of a node, which the compiler writes as "start:length:file". */
export function spanOf({ src }: Node): Span {
  const [start = 0, length = 0] = src.split(":").map(Number);
  return { start, end: start + length };
}

/** A node with the nodes around it, the nearest last. */
export type Visit = (node: Node, parents: readonly Node[]) => void;

/** Visits a tree in the order of the source's fields, a node before what is in it. */
export function walk(root: Node, visit: Visit, parents: readonly Node[] = []): void {
  visit(root, parents);
  const inner = [...parents, root];
  for (const value of Object.values(root)) {
    for (const item of Array.isArray(value) ? value : [value]) if (isNode(item)) walk(item, visit, inner);
  }
}
