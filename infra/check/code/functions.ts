import { lineAt } from "../rule.ts";

/** A function of a Java or Solidity file: its lines without blank ones and comments. */
export type MeasuredFunction = { readonly name: string; readonly line: number; readonly lines: number };

const JAVA =
  /^[ \t]+(?:(?:public|private|protected|static|final|abstract|synchronized)\s+)*(?:[\w<>[\],.?]+\s+)?(?<name>\w+)\s*\([^;{}()]*(?:\([^()]*\)[^;{}()]*)*\)\s*(?:throws [\w, .]+)?\s*\{/gm;
const SOLIDITY = /^[ \t]*(?:function\s+(?<name>\w+)|constructor|modifier\s+\w+|receive|fallback)\s*\([^;{}]*\{/gm;
const NO_NAME = new Set(["if", "for", "while", "switch", "catch", "synchronized", "try", "return", "new", "else"]);

/** The text with comments and the contents of strings blanked out; lines and offsets stay. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, (found) =>
    found.replace(/[^\n"']/g, found.startsWith("/") ? " " : "s"),
  );
}

/** Every function with a body. TypeScript and JavaScript are measured by ESLint. */
export function functionsOf(path: string, text: string): MeasuredFunction[] {
  const code = withoutComments(text);
  return [...code.matchAll(path.endsWith(".sol") ? SOLIDITY : JAVA)].flatMap((match) => {
    const name = match.groups?.["name"] ?? "constructor or modifier";
    if (NO_NAME.has(name)) return [];
    const start = match.index + match[0].length;
    const body = code.slice(match.index, endOfBlock(code, start));
    return [
      { name, line: lineAt(code, match.index), lines: body.split("\n").filter((line) => line.trim() !== "").length },
    ];
  });
}

/** The place of the brace that closes the block whose inside begins at `start`. */
function endOfBlock(code: string, start: number): number {
  let depth = 1;
  for (let at = start; at < code.length; at += 1) {
    if (code[at] === "{") depth += 1;
    if (code[at] === "}") depth -= 1;
    if (depth === 0) return at + 1;
  }
  return code.length;
}
