import { lineAt, type Fault, type Rule } from "../rule.ts";
import { isTest, type SourceFile } from "../source-files.ts";

/** Calls that wait for time to pass instead of for something to happen. */
const SLEEP =
  /from "node:timers\/promises"|\bThread\.sleep\(|(?<![.\w])(?:sleep|pause)\(\s*[\w(]|(?<!jest\.)\bsetTimeout\(/g;

/** Where a test may wait for time to pass, each with its reason. */
export const ALLOWED_SLEEPS: Readonly<Record<string, string>> = {
  "infra/stack/src/wait.ts": "`until`, which waits for a condition",
  "e2e/src/kill-day.ts": "chooses the moment of a kill by chance",
  "infra/suites/checkout-lock.test.ts":
    "a process that works while it holds the lock, and one that is killed meanwhile",
};

function judge({ path, text }: SourceFile): Fault[] {
  if (ALLOWED_SLEEPS[path] !== undefined) return [];
  return [...text.matchAll(SLEEP)].map(({ index }) => ({
    path,
    line: lineAt(text, index),
    what: "sleeps; wait for what has to happen (`until` of @tallystick/stack), or name the file in infra/check/code/sleeps.ts",
  }));
}

/** Tests wait for conditions, never for time. */
export const sleepsRule: Rule = {
  name: "sleeps",
  judge: (files) => ({
    faults: files.filter(({ path }) => isTest(path) && /\.(ts|mjs|java)$/.test(path)).flatMap(judge),
  }),
};
