import { lineAt, type Fault, type Rule } from "../rule.ts";
import { isProduction, type SourceFile } from "../source-files.ts";
import { CODEC_FILES } from "./codec-files.ts";

/** A constant in capitals whose value is a decimal number, or arithmetic of such. Hexadecimal, octal and binary ones are codes, not bounds. */
const NUMBER = /^[ \t]*(?:export )?const ([A-Z][A-Z0-9_]*)(?:: \w+)? = (?:-?\(?\d(?![xob])|[A-Z][A-Z0-9_]* [*/+-])/gm;
/** A wait or a time limit that is written where it is used. */
const BARE_WAIT =
  /\b(?:AbortSignal\.timeout|pause|sleep|withTimeLimit)\((\d[\d_]*)\)|\bsetTimeout\([^;\n]*, (\d[\d_]*)\)/g;
/** What belongs to a form of bytes: how long its parts are, and which of its kinds it is. */
const OF_A_FORM = /(?:_(?:BYTES|LENGTH|BITS|OFFSET|FLAGS?)|VERSION)$/;

function isLimitsFile(path: string): boolean {
  return /(^|\/)limits\.(ts|mjs)$/.test(path);
}

function judge({ path, text }: SourceFile): Fault[] {
  const isCodec = CODEC_FILES.some(({ place }) => (place.endsWith("/") ? path.startsWith(place) : path === place));
  const named = [...text.matchAll(NUMBER)]
    .filter(([, name = ""]) => !isCodec && !(OF_A_FORM.test(name) && path.startsWith("packages/")))
    .map(({ 1: name, index }) => ({
      path,
      line: lineAt(text, index + 1),
      what: `sets ${name}; a limit stands in the nearest limits.ts with its reason (a number of a byte form: codec-files.ts)`,
    }));
  const bare = [...text.matchAll(BARE_WAIT)].map(({ index }) => ({
    path,
    line: lineAt(text, index),
    what: "waits for a number; give it a name in the nearest limits.ts with its reason",
  }));
  return [...named, ...bare];
}

/** Every limit of a production file stands in a limits.ts. */
export const limitsRule: Rule = {
  name: "limits",
  judge: (files) => ({
    faults: files
      .filter(({ path }) => isProduction(path) && /\.(tsx?|mjs|js)$/.test(path) && !isLimitsFile(path))
      .flatMap(judge),
  }),
};
