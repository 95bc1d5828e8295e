import { type Node, spanOf, text } from "./ast.ts";
import type { Change } from "./change.ts";

/** A number one more and one less, and the other truth. A number with a unit of time stays. */
export function literalChanges(node: Node): readonly Change[] {
  const value = text(node, "value");
  const place = spanOf(node);
  if (text(node, "kind") === "bool") {
    return [{ ...place, operator: "literal", replacement: value === "true" ? "false" : "true" }];
  }
  if (text(node, "kind") !== "number" || text(node, "subdenomination") !== "") return [];
  if (!/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(value)) return [];
  const number = BigInt(value);
  const others = number === 0n ? [1n] : [number + 1n, number - 1n];
  return others.map((other) => ({ ...place, operator: "literal", replacement: written(other, value) }));
}

/** A number in the form of another: hexadecimal ones keep their digits, so that an address stays none. */
function written(number: bigint, like: string): string {
  if (!like.startsWith("0x")) return number.toString();
  return `0x${number.toString(16).padStart(like.length - 2, "0")}`;
}
