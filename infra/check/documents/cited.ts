import { lineAt, type Fault, type Rule } from "../rule.ts";
import { isProgram, type SourceFile } from "../source-files.ts";
import { placesOf } from "./links.ts";

/** A program's name or path in backticks. */
const FILE = /`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|mjs|java|sol))`/g;
/** A path from the root in backticks. Parts in capitals, stars and braces stand for something. */
const PLACE = /`((?:apps|applet|bench|contracts|docs|e2e|infra|packages|vectors)\/[\w./-]*)`/g;
/** A class of tests in backticks, and one of its tests. */
const CLASS = /`([A-Z]\w*(?:Test|Suite))(?:\.(\w+))?(…)?`/g;
/** A Solidity test in backticks. */
const SOLIDITY_TEST = /`(test_\w+|testFuzz_\w+|invariant_\w+)(…)?`/g;
/** Folders that builds make. */
const BUILT = /(^|\/)(dist|target|out|node_modules)(\/|$)/;

type Checkout = { readonly programs: readonly SourceFile[]; readonly places: ReadonlySet<string> };

function hasFile({ programs }: Checkout, name: string): boolean {
  return programs.some(({ path }) => path === name || path.endsWith(`/${name}`));
}

function declares(text: string, name: string, isPrefix: boolean): boolean {
  return new RegExp(`\\b${name}${isPrefix ? "" : "\\b"}`).test(text);
}

function judgeClass(
  checkout: Checkout,
  [name, test, isPrefix]: readonly [string, string | undefined, boolean],
): string[] {
  const text = checkout.programs.find(({ path }) => new RegExp(`/${name}\\.(?:java|sol)$`).test(path))?.text;
  if (text === undefined) return [`cites the tests ${name}, which are not there`];
  if (test !== undefined && !declares(text, test, isPrefix)) return [`cites ${name}.${test}, which is not there`];
  return [];
}

/** Files, classes of tests and tests that a document names although they are not there. */
export function judgeCited({ path, text }: SourceFile, checkout: Checkout): Fault[] {
  const found = (pattern: RegExp, judge: (match: RegExpExecArray) => readonly string[]): Fault[] =>
    [...text.matchAll(pattern)].flatMap((match) =>
      judge(match).map((what) => ({ path, line: lineAt(text, match.index), what })),
    );
  return [
    ...found(FILE, ([, name = ""]) =>
      hasFile(checkout, name) || BUILT.test(name) ? [] : [`cites ${name}, which is not there`],
    ),
    ...found(PLACE, ([, name = ""]) =>
      checkout.places.has(name.replace(/\/$/, "")) || BUILT.test(name) || /\.(?:ts|mjs|java|sol)$/.test(name)
        ? []
        : [`cites ${name}, which is not there`],
    ),
    ...found(CLASS, ([, name = "", test, more]) => judgeClass(checkout, [name, test, more !== undefined])),
    ...found(SOLIDITY_TEST, ([, name = "", more]) =>
      checkout.programs.some((file) => file.path.endsWith(".sol") && declares(file.text, name, more !== undefined))
        ? []
        : [`cites the test ${name}, which is not there`],
    ),
  ];
}

/** Rows of tables whose last column is headed "test" or "tests", and that cite none there. */
export function judgeTestColumns({ path, text }: SourceFile): Fault[] {
  let isOpen = false;
  return text.split("\n").flatMap((line, index) => {
    if (!line.startsWith("|")) {
      isOpen = false;
      return [];
    }
    const last =
      line
        .replace(/\|\s*$/, "")
        .split("|")
        .at(-1) ?? "";
    if (/^ tests? $/.test(last)) {
      isOpen = true;
      return [];
    }
    const isRow = isOpen && !/^-+$/.test(last);
    return isRow && !/`[^`]+`|\]\(|\*\w+\*/.test(last)
      ? [{ path, line: index + 1, what: "cites no test; name its file" }]
      : [];
  });
}

/** What documents cite is there. */
export const citedRule: Rule = {
  name: "cited",
  judge: (files, otherPaths) => {
    const programs = files.filter(({ path }) => isProgram(path));
    const places = placesOf([...files.map(({ path }) => path), ...otherPaths]);
    return {
      faults: files
        .filter(({ path }) => path.endsWith(".md"))
        .flatMap((file) => [...judgeCited(file, { programs, places }), ...judgeTestColumns(file)]),
    };
  },
};
