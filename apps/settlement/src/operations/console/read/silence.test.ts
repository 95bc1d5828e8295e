import { describe, expect, it } from "@jest/globals";
import { mayHold } from "../../silence/missing-payments.ts";
import { HOUR_MS } from "../limits.ts";
import { silenceText, type Listened } from "./silence.ts";

const NOW = 1_800_000_000_000;
const heard = (hoursAgo: number): Listened => ({ name: "Kiosk 2", heardAt: NOW - hoursAgo * HOUR_MS });
const run = (count: number, units: bigint, hoursAgo: number) => ({
  ...{ card: Buffer.alloc(20), count, units, after: 0, before: NOW - hoursAgo * HOUR_MS, foundAt: 0 },
});

describe("a terminal", () => {
  it("may hold what cards prove since it was heard, and nothing that the cards were done with before", () => {
    const runs = [run(10, 5_000n, 1), run(4, 1_120n, 8), run(7, 900n, 10)];
    expect(mayHold(heard(9).heardAt, runs)).toEqual({ count: 14, units: 6_120n, foundAt: 0 });
    expect(mayHold(null, runs)).toEqual({ count: 0, units: 0n, foundAt: null });
  });

  it("says in one sentence how long it is silent and what that is worth", () => {
    const told = { now: NOW, others: false, amountText: (units: bigint) => String(Number(units) / 100) };
    const runs = [run(14, 6_120n, 1)];
    expect(silenceText(heard(9), { ...told, runs })).toBe(
      "Kiosk 2: silent 9 h 0 min; cards prove 14 payments worth 61.2 that nobody uploaded.",
    );
    expect(silenceText(heard(9), { ...told, runs, others: true })).toContain("here or at another silent terminal");
    expect(silenceText(heard(9), { ...told, runs: [] })).toContain("no card proves");
    expect(silenceText(heard(9), { ...told, runs: null })).toBe("Kiosk 2: silent 9 h 0 min.");
  });
});
