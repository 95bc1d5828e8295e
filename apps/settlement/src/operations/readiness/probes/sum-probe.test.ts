import { expect, it } from "@jest/globals";
import { failureOfSum, type MoneySumRecord } from "../../../chain/money/money-sums.ts";
import { RpcError } from "@tallystick/evm";
import { SUM_MISSING_MS, SUM_OLD_MS } from "./limits.ts";
import { SumProbe } from "./sum-probe.ts";

const NOW = 1_790_000_000_000;

async function found(record: (Omit<MoneySumRecord, "at"> & { readonly ageMs: number }) | null) {
  const read = (): Promise<MoneySumRecord | null> =>
    Promise.resolve(record === null ? null : { ...record, at: new Date(NOW - record.ageMs) });
  return await new SumProbe(read).look();
}

it("finds nothing before the first try, and while a sum is young", async () => {
  expect(await found(null)).toEqual([]);
  expect(await found({ ageMs: SUM_OLD_MS, block: 7n, failure: "REFUSED: missing trie node" })).toEqual([]);
});

it("warns of an old sum, and has a reason from an hour on, since the sum", async () => {
  for (const [ageMs, level] of [
    [SUM_OLD_MS + 1, "warning"],
    [SUM_MISSING_MS, "warning"],
    [SUM_MISSING_MS + 1, "reason"],
  ] as const)
    expect(await found({ ageMs, block: 7n, failure: null })).toMatchObject([
      { code: "MONEY_NOT_SUMMED", level, since: new Date(NOW - ageMs) },
    ]);
});

it("knows no age of a sum whose time the database's clock has not reached", async () => {
  expect(await found({ ageMs: -SUM_OLD_MS, block: 7n, failure: null })).toEqual([]);
  for (const [ageMs, level] of [
    [-SUM_OLD_MS - 1, "warning"],
    [-SUM_MISSING_MS - 1, "reason"],
  ] as const) {
    const [finding, ...others] = await found({ ageMs, block: 7n, failure: null });
    expect(finding).toMatchObject({ code: "MONEY_NOT_SUMMED", level });
    // A time to come is no time since when.
    expect([finding?.since, others]).toEqual([undefined, []]);
  }
});

it("says what to do by what the last try threw", async () => {
  const refused = failureOfSum(new RpcError("REFUSED", "missing trie node"));
  const nexts = [];
  for (const failure of [refused, failureOfSum(new RpcError("UNREACHABLE", "away")), null, failureOfSum("odd")]) {
    const [finding] = await found({ ageMs: SUM_OLD_MS + 1, block: null, failure });
    expect(finding?.message.includes(failure ?? "No process")).toBe(true);
    nexts.push(finding?.next);
  }
  expect(new Set(nexts).size).toBe(3);
  expect(refused.startsWith("REFUSED:")).toBe(true);
});
