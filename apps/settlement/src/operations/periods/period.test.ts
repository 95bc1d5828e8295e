import { expect, it } from "@jest/globals";
import { DAY_MS } from "../../foundation/limits/limits.ts";
import type { Problem } from "../../foundation/http/problem.ts";
import { PERIOD_DAYS } from "./limits.ts";
import { dayOf, periodOf } from "./period.ts";

/** The code and the detail that a period is refused with; null where it is taken. */
function refusal(from: string, to: string): readonly [string, string] | null {
  try {
    periodOf(from, to);
    return null;
  } catch (error) {
    const { code, message } = error as Problem;
    return [code, message];
  }
}

it("takes one day and the longest period, and says of the others which of two faults they have", () => {
  const first = "2026-01-01";
  const after = (days: number) => dayOf(Date.parse(first) + days * DAY_MS);
  expect([refusal(first, first), refusal(first, after(PERIOD_DAYS - 1))]).toEqual([null, null]);
  const [backwards, long] = [refusal(after(1), first), refusal(first, after(PERIOD_DAYS))];
  expect([backwards?.[0], long?.[0]]).toEqual(["PERIOD_RANGE", "PERIOD_RANGE"]);
  // The one names its days, the other how many there are.
  expect([backwards?.[1].includes(after(1)), long?.[1].includes(String(PERIOD_DAYS + 1))]).toEqual([true, true]);
  expect(backwards?.[1]).not.toContain(String(PERIOD_DAYS));
});
