import { describe, expect, it } from "@jest/globals";
import { periodSums } from "./period-statement.ts";

describe("a period's sums", () => {
  it("are what moved in each chart since the last statement, also in one that is new or gone to zero", () => {
    const { moved, sum } = periodSums(
      { outside: -150n, treasury: 100n, card: 50n },
      { outside: "-100", treasury: "100" },
    );
    expect(moved).toEqual({ outside: "-50", treasury: "0", card: "50" });
    expect(sum).toBe(0n);
  });

  it("show books that do not balance", () => {
    expect(periodSums({ outside: -150n, treasury: 151n }, {}).sum).toBe(1n);
  });
});
