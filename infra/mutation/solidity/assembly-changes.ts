import { child, children, type Node, spanOf, text } from "./ast.ts";
import type { Change } from "./change.ts";
import { literalChanges } from "./literal-changes.ts";

/** What stands instead of an instruction. */
const instructions: Readonly<Record<string, readonly string[]>> = {
  ...{ lt: ["gt"], gt: ["lt"], slt: ["sgt"], sgt: ["slt"], eq: ["xor"], xor: ["eq"] },
  ...{ add: ["sub"], sub: ["add"], mul: ["add"], div: ["mul"], mod: ["div"] },
  ...{ shl: ["shr"], shr: ["shl"], and: ["or"], or: ["and"] },
};

/** Instructions that are left out around what they take. */
const passedThrough = ["iszero", "not"];

/** Instructions whose two operands may be swapped. */
const ordered = ["sub", "div", "shl", "shr"];

type Maker = (node: Node, source: string, parents: readonly Node[]) => readonly Change[];

/** The faults of inline assembly, by the kind of node. */
export const assemblyChanges: Readonly<Record<string, Maker>> = {
  YulFunctionCall: (node, source) => {
    const called = child(node, "functionName");
    if (called === null) return [];
    const name = text(called, "name");
    const others = (instructions[name] ?? []).map((replacement) => ({
      ...spanOf(called),
      operator: "instruction",
      replacement,
    }));
    const given = children(node, "arguments").map(spanOf);
    const [first, second] = given;
    if (first === undefined) return others;
    const kept = source.slice(first.start, first.end);
    if (passedThrough.includes(name)) others.push({ ...spanOf(node), operator: "instruction", replacement: kept });
    if (second !== undefined && ordered.includes(name)) {
      const replacement = `${source.slice(second.start, second.end)}, ${kept}`;
      others.push({ start: first.start, end: second.end, operator: "operands", replacement });
    }
    return others;
  },
  YulIf: (node) => {
    const condition = child(node, "condition");
    if (condition === null) return [];
    return ["1", "0"].map((replacement) => ({ ...spanOf(condition), operator: "condition", replacement }));
  },
  YulExpressionStatement: deletion,
  YulAssignment: deletion,
  YulContinue: deletion,
  YulLeave: deletion,
  YulLiteral: literalChanges,
};

function deletion(node: Node, _source: string, parents: readonly Node[]): readonly Change[] {
  if (parents.at(-1)?.nodeType === "YulForLoop") return [];
  return [{ ...spanOf(node), operator: "statement", replacement: "{}" }];
}
