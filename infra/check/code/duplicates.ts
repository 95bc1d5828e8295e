import { isProduction, type SourceFile } from "../source-files.ts";
import { DUPLICATES_BEFORE, MAX_DUPLICATES, SAME_LINES } from "../limits.ts";
import type { Rule } from "../rule.ts";

/** A place whose lines stand, letter by letter, at an earlier place too. */
export type Duplicate = {
  readonly path: string;
  readonly line: number;
  readonly lines: number;
  readonly earlier: { readonly path: string; readonly line: number };
};

type Line = { readonly number: number; readonly text: string };

/** The lines of a program that say something: no blank line, comment, import or lone punctuation. */
export function countedLines(text: string): Line[] {
  const counted: Line[] = [];
  let inComment = false;
  let inImport = false;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (inComment) {
      inComment = !line.includes("*/");
      continue;
    }
    if (line.startsWith("/*")) {
      inComment = !line.includes("*/");
      continue;
    }
    if (inImport || /^(import\b(?!\()|export (type )?\{|package |pragma |#!)/.test(line)) {
      // An import ends with its semicolon; what re-exports names ends likewise.
      inImport = !/;$|^#!/.test(line);
      continue;
    }
    if (line.startsWith("//") || !/[\p{L}\p{N}]/u.test(line)) continue;
    counted.push({ number: index + 1, text: line });
  }
  return counted;
}

/**
 * Every place in production code where at least SAME_LINES lines repeat an earlier place. A stretch counts once, however
 * long it is; a stretch that stands three times counts twice.
 */
export function findDuplicates(files: readonly SourceFile[]): Duplicate[] {
  const texts = files
    .filter(({ path }) => isProduction(path))
    .map(({ path, text }) => ({ path, lines: countedLines(text) }));
  const firstPlaces = new Map<string, { file: number; at: number }>();
  const found: Duplicate[] = [];
  for (const [file, { path, lines }] of texts.entries()) {
    for (let at = 0; at + SAME_LINES <= lines.length; at += 1) {
      const first = firstPlaces.get(windowAt(lines, at));
      const length = first === undefined ? 0 : sameLength(texts, first, { file, at });
      if (first === undefined || length < SAME_LINES) {
        remember(firstPlaces, lines, { file, at });
        continue;
      }
      const earlier = texts[first.file];
      found.push({
        path,
        line: lines[at]?.number ?? 0,
        lines: length,
        earlier: { path: earlier?.path ?? "", line: earlier?.lines[first.at]?.number ?? 0 },
      });
      at += length - 1;
    }
  }
  return found;
}

type Place = { readonly file: number; readonly at: number };

function windowAt(lines: readonly Line[], at: number): string {
  return lines
    .slice(at, at + SAME_LINES)
    .map(({ text }) => text)
    .join("\n");
}

function remember(places: Map<string, Place>, lines: readonly Line[], place: Place): void {
  const window = windowAt(lines, place.at);
  if (!places.has(window)) places.set(window, place);
}

/** How many lines are the same from both places on; a stretch does not overlap itself. */
function sameLength(texts: readonly { readonly lines: readonly Line[] }[], first: Place, second: Place): number {
  const one = texts[first.file]?.lines ?? [];
  const two = texts[second.file]?.lines ?? [];
  const most = first.file === second.file ? second.at - first.at : Number.MAX_SAFE_INTEGER;
  let length = 0;
  while (
    length < most &&
    second.at + length < two.length &&
    one[first.at + length]?.text === two[second.at + length]?.text
  )
    length += 1;
  return length;
}

/** At most a third of the places that stood twice before the clean-up. */
export const duplicatesRule: Rule = {
  name: "duplicates",
  judge: (files) => {
    const found = findDuplicates(files);
    const faults = found.map(({ path, line, lines, earlier }) => ({
      path,
      line,
      what: `repeats ${lines} lines of ${earlier.path}:${earlier.line}; give them one place`,
    }));
    return {
      faults: found.length > MAX_DUPLICATES ? faults : [],
      summary: `${found.length} places stand twice, ${DUPLICATES_BEFORE} on commit 7eb8da4, at most ${MAX_DUPLICATES}`,
    };
  },
};
