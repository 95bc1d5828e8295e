import { MAX_PROSE_COLUMNS } from "../limits.ts";
import { isTooLong, piecesOf, prefixOf, readMarkdown } from "./markdown.ts";

/** What would become a list item, a heading, a quotation or a table at the beginning of a line. */
const BEGINS_A_BLOCK = /^(?:[-*+=|>]|#{1,6}|\d+[.)])$|^(?:>|\||`{3}|~{3}|={2,}$|-{2,}$)/;
/** A line that ends so is broken on purpose. */
const BREAK = /(?: {2}|\\|<br>)$/;

/** Breaks the prose of a Markdown file at MAX_PROSE_COLUMNS, and joins what was broken earlier. */
export function wrapMarkdown(text: string): string {
  const out: string[] = [];
  let paragraph: string[] = [];
  const flush = (): void => {
    if (paragraph.length > 0) out.push(...wrapParagraph(paragraph));
    paragraph = [];
  };
  for (const { text: line, isProse } of readMarkdown(text)) {
    if (!isProse) {
      flush();
      out.push(line);
      continue;
    }
    if (paragraph.length > 0 && beginsItem(line)) flush();
    paragraph.push(line);
    if (BREAK.test(line)) flush();
  }
  flush();
  return out.join("\n");
}

function beginsItem(line: string): boolean {
  return /^(?:\s*>)*\s*(?:[-*+]|\d+[.)])\s/.test(line);
}

/** One paragraph or list item; further lines are indented to where its prose begins. One that fits stays as it is. */
function wrapParagraph(lines: readonly string[]): string[] {
  if (!lines.some(isTooLong)) return [...lines];
  const prefix = prefixOf(lines[0] ?? "");
  const further = prefix.replace(/[^\s>]/g, " ");
  const ending = BREAK.exec(lines.at(-1) ?? "")?.[0] ?? "";
  const prose = lines.map((line, index) => (index === 0 ? line.slice(prefix.length) : line.replace(/^[\s>]*/, "")));
  const pieces = piecesOf(prose.join(" "));
  const wrapped: string[][] = [[]];
  const fits = (line: readonly string[], piece: string): boolean =>
    [...line, piece].join(" ").length + prefix.length <= MAX_PROSE_COLUMNS;
  for (const piece of pieces) {
    const line = wrapped.at(-1) ?? [];
    if (line.length === 0 || fits(line, piece)) {
      line.push(piece);
      continue;
    }
    // What would begin a block goes on with the word before it.
    const taken = BEGINS_A_BLOCK.test(piece) && line.length > 1 ? line.splice(-1) : [];
    wrapped.push([...taken, piece]);
  }
  const texts = wrapped.map((line, index) => `${index === 0 ? prefix : further}${line.join(" ")}`);
  const last = texts.pop() ?? "";
  return [...texts, ending === "  " ? `${last}  ` : last];
}
