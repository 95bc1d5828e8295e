import { createRequire } from "node:module";
import { NAME_CHARACTERS } from "./limits.ts";

/** What is used of bidi-js, whose types are those of another kind of module than it is. */
interface Bidi {
  getEmbeddingLevels(text: string): { readonly levels: Uint8Array };
  getMirroredCharacter(character: string): string | null;
}

const bidi = (createRequire(import.meta.url)("bidi-js") as () => Bidi)();

/** A piece of text in one direction, from left to right on the page. */
export interface TextRun {
  /** In the order in which it is read. */
  readonly text: string;
  readonly rightToLeft: boolean;
}

/**
 * What of a name can be shown in one line: no controls, also none that turn the direction of what
 * stands behind it, and for letters that the font lacks their numbers.
 */
export function shownName(name: string, hasGlyph: (codePoint: number) => boolean): string {
  const shown = [...name.replaceAll(/\s+/gu, " ").trim()].map((character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    if (/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u.test(character)) return "";
    // Isolated, so that what stands around does not turn its digits.
    const number = codePoint.toString(16).toUpperCase().padStart(4, "0");
    return hasGlyph(codePoint) ? character : `\u2066[U+${number}]\u2069`;
  });
  const kept: string[] = [];
  for (const each of shown) {
    if (kept.length + each.length > NAME_CHARACTERS) return `${kept.join("")}…`;
    kept.push(each);
  }
  return kept.join("");
}

/** The runs of a line in the order in which they stand on the page (Unicode's bidirectional algorithm). */
export function textRuns(text: string): readonly TextRun[] {
  const { levels } = bidi.getEmbeddingLevels(text);
  const runs: { text: string; level: number }[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const [level, last] = [levels[at] ?? 0, runs.at(-1)];
    if (last !== undefined && last.level === level) last.text += text[at];
    else runs.push({ text: text[at] ?? "", level });
  }
  // Rule L2: from the highest level down to the lowest odd one, what stands together is turned.
  const highest = Math.max(0, ...runs.map(({ level }) => level));
  for (let level = highest; level > 0; level -= 1) {
    for (let from = 0; from < runs.length; from += 1) {
      let to = from;
      while ((runs[to]?.level ?? -1) >= level) to += 1;
      if (to > from) runs.splice(from, to - from, ...runs.slice(from, to).reverse());
      from = Math.max(from, to);
    }
  }
  return runs.map(({ text: own, level }) => {
    const rightToLeft = level % 2 === 1;
    // What opens a bracket on the one side opens it on the other one (rule L4).
    const mirrored = [...own].map((each) => bidi.getMirroredCharacter(each) ?? each).join("");
    return { text: (rightToLeft ? mirrored : own).replaceAll(/[\u2066\u2069]/g, ""), rightToLeft };
  });
}
