import jsonc, { type Node, type ParseError } from "jsonc-parser";
import type { ConfigFault } from "./config-error.ts";

/** Names and indexes from the root to a value. */
export type Path = readonly (string | number)[];

/** A JSON text that was read, and where each of its values stands. */
export interface JsonDocument {
  readonly value: unknown;
  /** Where the value at a path stands, or the nearest value around it that is there. */
  locate(path: Path): { readonly line: number | null; readonly column: number | null };
}

/** A document that was never a text, such as the object of a test; nothing in it has a place. */
export function documentOf(value: unknown): JsonDocument {
  return { value, locate: () => ({ line: null, column: null }) };
}

/**
 * Reads strict JSON: no comments, no trailing commas, no name twice. Answers all faults where there
 * are some.
 */
export function readJson(text: string): { readonly document: JsonDocument } | { readonly faults: ConfigFault[] } {
  const places = new Places(text);
  const errors: ParseError[] = [];
  let tree: Node | undefined;
  let value: unknown;
  try {
    tree = jsonc.parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
    if (errors.length === 0) value = JSON.parse(text);
  } catch (error) {
    if (error instanceof RangeError) return { faults: [fault(places, 0, "It is nested too deeply.")] };
    return { faults: [fault(places, 0, `It is not JSON: ${error instanceof Error ? error.message : String(error)}`)] };
  }
  if (errors.length > 0 || tree === undefined) {
    // One missing comma makes the parser stumble again later: the first fault of a line is the true
    // one.
    const first = new Map<number, ConfigFault>();
    for (const { offset, error } of errors) {
      const found = fault(places, offset, sentenceOf(error));
      if (!first.has(found.line ?? 0)) first.set(found.line ?? 0, found);
    }
    return { faults: [...first.values()] };
  }
  const twice = duplicates(tree, places);
  if (twice.length > 0) return { faults: twice };
  return { document: { value, locate: (path) => locate(tree, places, path) } };
}

/** Line and column of an offset, both from 1. */
class Places {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) this.starts.push(at + 1);
  }

  of(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.starts[low] ?? 0) + 1 };
  }
}

function fault(places: Places, offset: number, message: string): ConfigFault {
  return { path: "", ...places.of(offset), message };
}

function locate(tree: Node, places: Places, path: Path): { readonly line: number; readonly column: number } {
  let node: Node = tree;
  for (const step of path) {
    const next = jsonc.findNodeAtLocation(node, [step]);
    if (next === undefined) break;
    node = next;
  }
  // A member is shown where its name stands.
  const member = node.parent?.type === "property" ? node.parent : node;
  return places.of(member.offset);
}

/**
 * Names that stand twice in one object: the parser of the value would silently keep the last one.
 */
function duplicates(root: Node, places: Places): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const visit = (node: Node, path: Path): void => {
    const first = new Map<string, number>();
    for (const [index, child] of (node.children ?? []).entries()) {
      if (node.type !== "object") {
        visit(child, [...path, index]);
        continue;
      }
      const [name, value] = child.children ?? [];
      const key = String(name?.value);
      const before = first.get(key);
      if (before !== undefined) {
        const message = `stands twice; first on line ${places.of(before).line}`;
        faults.push({ path: [...path, key].join("."), ...places.of(child.offset), message });
      }
      first.set(key, child.offset);
      if (value !== undefined) visit(value, [...path, key]);
    }
  };
  visit(root, []);
  return faults;
}

/** The parser's faults as sentences; its codes are numbers. */
function sentenceOf(code: ParseError["error"]): string {
  return sentences[jsonc.printParseErrorCode(code)] ?? "It is not JSON here.";
}

const sentences: Readonly<Record<string, string>> = {
  InvalidSymbol: "This is no JSON value; texts stand in double quotes.",
  InvalidNumberFormat: "This is no JSON number.",
  PropertyNameExpected: "A name in double quotes is expected here; JSON takes no comma after the last member.",
  ValueExpected: "A value is expected here; JSON takes no comma after the last one.",
  ColonExpected: "A colon is expected here.",
  CommaExpected: "A comma is expected here.",
  CloseBraceExpected: "A closing brace } is expected here.",
  CloseBracketExpected: "A closing bracket ] is expected here.",
  EndOfFileExpected: "The file should end here.",
  InvalidCommentToken: "JSON takes no comments.",
  UnexpectedEndOfComment: "JSON takes no comments.",
  UnexpectedEndOfString: "This text has no closing quote.",
  UnexpectedEndOfNumber: "This number is cut off.",
  InvalidUnicode: "This is no Unicode escape; write \\u and four hexadecimal digits.",
  InvalidEscapeCharacter: "This is no escape of JSON.",
  InvalidCharacter: "This character must be escaped in a JSON text.",
};
