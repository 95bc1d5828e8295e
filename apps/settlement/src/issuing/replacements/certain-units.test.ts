import { describe, expect, it } from "@jest/globals";
import { certainUnits } from "./certain-units.ts";

describe("what is certain of a card that is replaced", () => {
  const grounds = { bound: 20n, exposure: 12n, balance: 15n, isBroken: false };

  it("is what no allowance of it reaches, whatever was paid of that already", () => {
    expect(certainUnits(grounds)).toBe(8n);
    // 5 of the 12 were paid: balance and bound say the same.
    expect(certainUnits({ ...grounds, balance: 10n, bound: 15n + 5n })).toBe(8n);
  });

  it("is nothing where an allowance reaches all, or the card is broken, and never above the balance", () => {
    expect(certainUnits({ ...grounds, exposure: 20n })).toBe(0n);
    expect(certainUnits({ ...grounds, exposure: 25n })).toBe(0n);
    expect(certainUnits({ ...grounds, isBroken: true })).toBe(0n);
    expect(certainUnits({ ...grounds, exposure: 0n })).toBe(15n);
  });
});
