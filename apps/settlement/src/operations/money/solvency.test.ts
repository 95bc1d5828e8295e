import { describe, expect, it } from "@jest/globals";
import { createAsset } from "@tallystick/money";
import { faultsOfSum } from "./solvency.ts";

const asset = createAsset({ code: "TUSD", decimals: 3, scale: 1_000n });
const vault = Buffer.alloc(20, 1);

function codes(heldBaseUnits: bigint, owesBaseUnits: bigint, ledgerDifference = 0n): readonly string[] {
  const holdings = { heldBaseUnits, owesBaseUnits, surplusBaseUnits: heldBaseUnits - owesBaseUnits };
  const faults = faultsOfSum({ vault: holdings, ledgerDifference, block: 7n }, { asset, vault });
  return faults.map(({ code }) => code);
}

describe("the sum of a vault", () => {
  it("is right where it holds what it owes, or more", () => {
    expect(codes(5_000n, 5_000n)).toEqual([]);
    expect(codes(5_999n, 5_000n)).toEqual([]);
    expect(codes(0n, 0n)).toEqual([]);
  });

  it("alarms at one base unit too few", () => {
    expect(codes(4_999n, 5_000n)).toEqual(["INSOLVENT"]);
    expect(codes(0n, 5_000n)).toEqual(["INSOLVENT"]);
  });

  it("names exactly what is missing, in the token's own decimals", () => {
    const holdings = { heldBaseUnits: 1_500_000n, owesBaseUnits: 2_500_001n, surplusBaseUnits: -1_000_001n };
    const [fault] = faultsOfSum({ vault: holdings, ledgerDifference: 0n, block: 7n }, { asset, vault });
    for (const amount of ["1.50 TUSD", "2.500001 TUSD", "1.000001 TUSD"]) expect(fault?.message).toContain(amount);
    expect(fault?.next).toContain(`0x${"01".repeat(20)}`);
  });

  it("is not what the books say of it", () => {
    expect(codes(5_000n, 5_000n, 1n)).toEqual(["LEDGER_DIFFERENCE"]);
    expect(codes(0n, 5_000n, 1n)).toEqual(["INSOLVENT", "LEDGER_DIFFERENCE"]);
  });
});
