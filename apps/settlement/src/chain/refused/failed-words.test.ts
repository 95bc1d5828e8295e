import { expect, it } from "@jest/globals";
import { failureCause } from "./failed-words.ts";

const asset = { code: "TUSD", decimals: 2, scale: 10_000n };
const lack = "SIMULATION: ERC20InsufficientBalance(0x00000000000000000000000000000000000000aa, 706999996, 749000000)";

it("tells how many tokens are missing where they are, to the last digit of the token", () => {
  const told = (scale: bigint, failure = lack) =>
    failureCause(failure, { kind: "fund", count: 1, asset: { ...asset, scale } }).text;
  expect(told(10_000n)).toBe("the treasury lacks 42.000004 TUSD");
  expect(told(10_000n, lack.replace("706999996", "707000000"))).toBe("the treasury lacks 42.00 TUSD");
  // Of a unit that is no power of ten there are no digits to tell.
  expect(told(9_999n)).toBe("the treasury has too few tokens");
});

it("tells no single lack of several, names the treasury only where it pays, and leaves other reasons as they are", () => {
  const [several, payout] = [
    failureCause(lack, { kind: "fund", count: 2, asset }),
    failureCause(lack, { kind: "withdraw", count: 1, asset }),
  ];
  expect(several.text).not.toMatch(/\d/);
  expect([several.remedy !== null, payout.text.includes("treasury")]).toEqual([true, false]);
  const other = { text: "NothingToWithdraw", remedy: null };
  expect(failureCause("SIMULATION: NothingToWithdraw", { kind: "withdraw", count: 1, asset })).toEqual(other);
  expect(failureCause(null, { kind: "withdraw", count: 1, asset }).remedy).toBeNull();
});
