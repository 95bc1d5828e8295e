import { expect, it } from "@jest/globals";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { PAGE_WAIT_MS } from "../limits.ts";
import { alarmsOf, readingWaitMs } from "./overview.ts";

it("waits for new figures where there are none, or only such that a page would call old", () => {
  const oldMs = LIMITS.pageOldSeconds * 1_000;
  expect([readingWaitMs(null), readingWaitMs({ ageMs: oldMs })]).toEqual([LIMITS.answerWaitMs, LIMITS.answerWaitMs]);
  expect(readingWaitMs({ ageMs: oldMs - 1 })).toBe(PAGE_WAIT_MS);
});

it("takes an alarm of open cases for over once none is open, before readiness has looked again", () => {
  const alarm = { level: "warning" as const, since: new Date(0), told: [], acknowledgedBy: null };
  const newest = [
    { ...alarm, code: "CASES_OPEN" },
    { ...alarm, code: "GAS_LOW" },
  ];
  const waiting = { approvals: null, requests: null, alarms: { count: 2, newest } };
  const over = (count: number) =>
    alarmsOf({ waiting, cases: { count, since: null } }).newest.map(({ isOver }) => isOver);
  expect([over(1), over(0)]).toEqual([
    [false, false],
    [true, false],
  ]);
});
