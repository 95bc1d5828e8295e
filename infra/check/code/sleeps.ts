import { lineAt, type Fault, type Rule } from "../rule.ts";
import { isTest, type SourceFile } from "../source-files.ts";

/** Calls that wait for time to pass instead of for something to happen. */
const SLEEP =
  /from "node:timers\/promises"|\bThread\.sleep\(|(?<![.\w])(?:sleep|pause)\(\s*[\w(]|(?<!jest\.)\bsetTimeout\(/g;

/** Where a test may wait for time to pass, each with its reason. */
export const ALLOWED_SLEEPS: Readonly<Record<string, string>> = {
  "infra/stack/src/wait.ts": "`until`, which waits for a condition",
  "apps/settlement/test/harness/eventually.ts": "waits for a condition",
  "packages/vault/test/harness/evm.ts": "waits for a receipt",
  "packages/apdu/src/testing/conformance/support.ts": "waits for a condition",
  "packages/apdu/src/testing/virtual/pcscd.ts": "waits for a condition",
  "packages/apdu/src/testing/virtual/rival.ts": "the time limit of a wait for a condition",
  "packages/apdu/src/testing/virtual/rival-program.ts": "another program that tries again and again",
  "packages/apdu/src/reader/time.test.ts": "tests the pause itself",
  "packages/apdu/src/reader/create-reader-provider.test.ts": "a scripted reader that changes while a call waits",
  "packages/program/test/launcher.test.ts": "a program that ends itself after its start",
  "apps/settlement/test/harness/settlement-harness.ts": "a chain that mines a block from time to time",
  "applet/cardhost/src/test/java/org/tallystick/cardhost/MainTest.java": "chooses the moment of a kill by chance",
  "e2e/src/kill-day.ts": "chooses the moment of a kill by chance",
  "apps/card-personalizer/test/harness/killed-order.ts": "chooses the moment of a kill by chance",
  "infra/check/code/habits.test.ts": "shows what this rule finds",
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
