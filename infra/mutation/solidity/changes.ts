import { child, children, type Node, spanOf, text, walk } from "./ast.ts";
import { assemblyChanges } from "./assembly-changes.ts";
import type { Change } from "./change.ts";
import { literalChanges } from "./literal-changes.ts";

/** What stands instead of an operator between two expressions. */
const binary: Readonly<Record<string, readonly string[]>> = {
  ...{ "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="] },
  ...{ "&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["/"], "**": ["*"] },
  ...{ "&": ["|"], "|": ["&"], "^": ["&"], "<<": [">>"], ">>": ["<<"] },
};

const assignments: Readonly<Record<string, string>> = { "+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=" };

/** Every small fault that can be made in a file. `source` is what the tree was made of, as bytes of Latin-1. */
export function changesOf(tree: Node, source: string): readonly Change[] {
  const found: Change[] = [];
  walk(tree, (node, parents) => {
    const make = makers[node.nodeType];
    if (make !== undefined) found.push(...make(node, source, parents));
  });
  return found;
}

type Maker = (node: Node, source: string, parents: readonly Node[]) => readonly Change[];

const makers: Readonly<Record<string, Maker>> = {
  BinaryOperation: (node, source) => {
    const operator = text(node, "operator");
    return (binary[operator] ?? []).flatMap((other) =>
      between(node, ["leftExpression", "rightExpression"], source, { operator, other }),
    );
  },
  Assignment: (node, source) => {
    const operator = text(node, "operator");
    const other = assignments[operator];
    return other === undefined ? [] : between(node, ["leftHandSide", "rightHandSide"], source, { operator, other });
  },
  UnaryOperation: (node, source) => {
    const operand = child(node, "subExpression");
    const operator = text(node, "operator");
    if (operand === null) return [];
    const { start, end } = spanOf(operand);
    const kept = source.slice(start, end);
    if (operator === "!" || operator === "~") return [{ ...spanOf(node), operator: "unary", replacement: kept }];
    if (operator === "++" || operator === "--") {
      return [{ ...spanOf(node), operator: "unary", replacement: `${operator === "++" ? "--" : "++"}${kept}` }];
    }
    return [];
  },
  IfStatement: conditionOf,
  Conditional: conditionOf,
  ExpressionStatement: deletion,
  EmitStatement: deletion,
  RevertStatement: deletion,
  ModifierInvocation: (node) =>
    text(node, "kind") === "modifierInvocation" ? [{ ...spanOf(node), operator: "modifier", replacement: "" }] : [],
  FunctionCall: swappedArguments,
  Literal: literalChanges,
  ...assemblyChanges,
};

/** Another operator between two operands. */
function between(
  node: Node,
  [left, right]: readonly [string, string],
  source: string,
  { operator, other }: { readonly operator: string; readonly other: string },
): readonly Change[] {
  const [before, after] = [child(node, left), child(node, right)];
  if (before === null || after === null) return [];
  const [start, end] = [spanOf(before).end, spanOf(after).start];
  const replacement = source.slice(start, end).replace(operator, () => other);
  return [{ start, end, operator: "operator", replacement }];
}

function conditionOf(node: Node): readonly Change[] {
  const condition = child(node, "condition");
  if (condition === null) return [];
  return ["true", "false"].map((replacement) => ({ ...spanOf(condition), operator: "condition", replacement }));
}

/** A statement left out; one that a condition alone guards is left out by the condition. */
function deletion(node: Node, source: string, parents: readonly Node[]): readonly Change[] {
  const parent = parents.at(-1);
  if (parent === undefined || parent.nodeType === "ForStatement") return [];
  if (parent.nodeType === "IfStatement" && child(parent, "falseBody") === null) return [];
  const { start, end } = spanOf(node);
  const semicolon = source.indexOf(";", end);
  return [{ start, end: semicolon + 1, operator: "statement", replacement: "{}" }];
}

/** Two neighbouring arguments of one type, swapped. */
function swappedArguments(node: Node, source: string): readonly Change[] {
  const given = children(node, "arguments");
  return given.flatMap((left, index) => {
    const right = given[index + 1];
    if (right === undefined || typeOf(left) !== typeOf(right)) return [];
    const [one, two] = [spanOf(left), spanOf(right)];
    const [first, second] = [source.slice(one.start, one.end), source.slice(two.start, two.end)];
    if (first === second) return [];
    const replacement = second + source.slice(one.end, two.start) + first;
    return [{ start: one.start, end: two.end, operator: "arguments", replacement }];
  });
}

function typeOf(node: Node): unknown {
  return (node["typeDescriptions"] as { readonly typeString?: string } | undefined)?.typeString;
}
