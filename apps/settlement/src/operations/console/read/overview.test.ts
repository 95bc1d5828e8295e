import { expect, it } from "@jest/globals";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { PAGE_WAIT_MS } from "../limits.ts";
import { readingWaitMs } from "./overview.ts";

it("waits for new figures where there are none, or only such that a page would call old", () => {
  const oldMs = LIMITS.pageOldSeconds * 1_000;
  expect([readingWaitMs(null), readingWaitMs({ ageMs: oldMs })]).toEqual([LIMITS.answerWaitMs, LIMITS.answerWaitMs]);
  expect(readingWaitMs({ ageMs: oldMs - 1 })).toBe(PAGE_WAIT_MS);
});
