import { lineAt, type Fault, type Rule } from "../rule.ts";
import type { SourceFile } from "../source-files.ts";
import { ALLOWED_PLACES, FORBIDDEN_PHRASES, FORBIDDEN_WORDS, KEPT_NAMES, type Forbidden } from "./word-list.ts";

/** The words of a text: those of names too, be they in camel case, in capitals or joined by dashes. */
const WORD = /[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g;

const words = new Map(
  FORBIDDEN_WORDS.flatMap((each) => [
    [each.word, each],
    [`${each.word}s`, each],
  ]),
);

function isAllowed(path: string, word: string): boolean {
  return ALLOWED_PLACES.some(
    (place) =>
      (place.path.endsWith("/") ? path.startsWith(place.path) : path === place.path) &&
      (place.words.includes("*") || place.words.includes(word)),
  );
}

function describe({ word, instead }: Forbidden): string {
  return `says "${word}"; docs/GLOSSARY.md says ${instead}`;
}

/** Every forbidden word in a file, and in its path. */
export function findForbiddenWords({ path, text: whole }: SourceFile): Fault[] {
  const text = KEPT_NAMES.filter(({ under }) => path.startsWith(under)).reduce(
    (rest, { name }) => rest.replace(new RegExp(`\\b${name}\\b`, "g"), "_".repeat(name.length)),
    whole,
  );
  const inName = [...path.matchAll(WORD)].flatMap(([word]) => words.get(word.toLowerCase()) ?? []);
  const inText = [...text.matchAll(WORD)].flatMap(({ 0: word, index }) => {
    const found = words.get(word.toLowerCase());
    return found === undefined ? [] : [{ found, index }];
  });
  const flowing = text.toLowerCase().replace(/\n[ \t]*(?:\*|\/\/)?[ \t]*/g, (gap) => " ".repeat(gap.length));
  const phrases = FORBIDDEN_PHRASES.flatMap((found) =>
    [...flowing.matchAll(new RegExp(`\\b${found.word.replace(" ", " +")}s?\\b`, "g"))].map(({ index }) => ({
      found,
      index,
    })),
  );
  return [
    ...inName
      .filter(({ word }) => !isAllowed(path, word))
      .map((found) => ({ path, what: `its name ${describe(found)}` })),
    ...[...inText, ...phrases]
      .filter(({ found }) => !isAllowed(path, found.word))
      .map(({ found, index }) => ({ path, line: lineAt(text, index), what: describe(found) })),
  ];
}

/** No file says what the glossary has another word for. */
export const wordsRule: Rule = {
  name: "words",
  judge: (files) => ({ faults: files.flatMap(findForbiddenWords) }),
};
