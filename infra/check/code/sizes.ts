import { posix } from "node:path";
import { MAX_FILE_LINES, MAX_FOLDER_FILES, MAX_FUNCTION_LINES, MAX_SOLIDITY_FILE_LINES } from "../limits.ts";
import type { Fault, Rule } from "../rule.ts";
import { isProduction, isProgram, isTest, type SourceFile } from "../source-files.ts";
import { functionsOf } from "./functions.ts";

/** Folders that may hold more than MAX_FOLDER_FILES source files, each with its reason. */
export const LARGE_FOLDERS: Readonly<Record<string, string>> = {
  "applet/card/src/main/java/org/tallystick/applet":
    "a JavaCard package is loaded as one CAP file, and its classes share what is package-private",
};

/** Functions that may be longer than MAX_FUNCTION_LINES, each with its reason. */
export const LONG_FUNCTIONS: Readonly<Record<string, string>> = {
  "contracts/src/PackedVault.sol settleHot":
    "the one hot loop: a jump into a part of its own costs each voucher gas; it is fuzzed against the plain code",
};

function lineCount(text: string): number {
  return text.endsWith("\n") ? text.split("\n").length - 1 : text.split("\n").length;
}

function judgeFile({ path, text }: SourceFile): Fault[] {
  const most = path.endsWith(".sol") ? MAX_SOLIDITY_FILE_LINES : MAX_FILE_LINES;
  const lines = lineCount(text);
  return lines <= most
    ? []
    : [{ path, what: `has ${lines} lines; ${most} are the most. Split it by what it is about` }];
}

function judgeFunctions({ path, text }: SourceFile): Fault[] {
  return functionsOf(path, text)
    .filter(({ name, lines }) => lines > MAX_FUNCTION_LINES && LONG_FUNCTIONS[`${path} ${name}`] === undefined)
    .map(({ name, line, lines }) => ({
      path,
      line,
      what: `${name} has ${lines} lines; ${MAX_FUNCTION_LINES} are the most. Give a part of it a name of its own`,
    }));
}

/** Folders with more source files, tests not counted, than one finds a place in. */
function judgeFolders(files: readonly SourceFile[]): Fault[] {
  const counts = new Map<string, number>();
  for (const { path } of files.filter(
    (file) => isProgram(file.path) && !/\.test\.tsx?$|\.t\.sol$|\/src\/test\//.test(file.path),
  )) {
    const folder = posix.dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([folder, count]) => count > MAX_FOLDER_FILES && LARGE_FOLDERS[folder] === undefined)
    .map(([path, count]) => ({
      path,
      what: `holds ${count} source files; ${MAX_FOLDER_FILES} are the most. Give what belongs together a folder`,
    }));
}

/** Files, functions and folders that have outgrown a reader. */
export const sizesRule: Rule = {
  name: "sizes",
  judge: (files) => {
    const production = files.filter(({ path }) => isProduction(path));
    const longest = Math.max(
      ...production.filter(({ path }) => !path.endsWith(".sol")).map(({ text }) => lineCount(text)),
    );
    return {
      faults: [
        ...production.flatMap(judgeFile),
        ...files.filter(({ path }) => /\.(java|sol)$/.test(path) && !isTest(path)).flatMap(judgeFunctions),
        ...judgeFolders(files),
      ],
      summary: `longest file ${longest} lines`,
    };
  },
};
