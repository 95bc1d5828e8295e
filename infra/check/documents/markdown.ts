import { MAX_PROSE_COLUMNS } from "../limits.ts";

/** A line of a Markdown file, and whether it is prose, which can be broken, or something whose lines are what they are. */
export type MarkdownLine = { readonly text: string; readonly isProse: boolean };

const FENCE = /^\s*(?:>\s*)?(`{3,}|~{3,})/;
/** Tables, headings, raw HTML, thematic breaks and the targets of links. */
const FIXED = /^\s*(?:\||#{1,6}\s|<|\[[^\]]+\]:\s|(?:[-*_]\s*){3,}$)/;

/** Tells prose from tables, code blocks, headings and HTML. */
export function readMarkdown(text: string): MarkdownLine[] {
  let fence = "";
  return text.split("\n").map((line) => {
    const mark = FENCE.exec(line)?.[1] ?? "";
    if (fence !== "") {
      if (mark.startsWith(fence)) fence = "";
      return { text: line, isProse: false };
    }
    fence = mark;
    return { text: line, isProse: mark === "" && line.trim() !== "" && !FIXED.test(line) };
  });
}

/** What begins a line of prose without being part of it: blanks, marks of quotations and of list items. */
const PREFIX = /^(?:\s*>)*\s*(?:(?:[-*+]|\d+[.)])\s+(?:\[[ x]\]\s+)?)?/;

/** The part of a line before its prose. */
export function prefixOf(line: string): string {
  return PREFIX.exec(line)?.[0] ?? "";
}

/** The pieces between which a line may be broken; a piece of code in backticks stays whole. */
export function piecesOf(prose: string): string[] {
  return prose.match(/(?:`[^`]*`|[^\s`]|`)+/g) ?? [];
}

/** Whether a line is too long although it could be broken: its first piece alone may be as long as it is. */
export function isTooLong(line: string): boolean {
  return line.length > MAX_PROSE_COLUMNS && piecesOf(line.slice(prefixOf(line).length)).length > 1;
}
