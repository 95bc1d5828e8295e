import { describe, expect, it } from "@jest/globals";
import { reportedEnd } from "./reported-end.ts";

describe("the end that settlement reports of a voucher", () => {
  it.each([
    ["final", "final"],
    ["compensated", "final"],
    ["released", "final"],
    ["refunded", "final"],
    ["cancelled", "reversed"],
    ["batched", null],
    ["unknown", null],
    ["", null],
  ])("in the state %j is %j, and nothing where nobody authenticates the answer", (state, end) => {
    expect([reportedEnd(state, true), reportedEnd(state, false)]).toEqual([end, null]);
  });
});
