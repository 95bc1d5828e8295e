import { describe, expect, it } from "@jest/globals";
import { expireDueHolds, expiryId } from "../engine/expire-holds.ts";
import type { LedgerEngine } from "../engine/engine.ts";
import { verifyConsistency, verifyInclusion } from "../log/verify-proofs.ts";
import { EMPTY_ROOT, leafHash } from "../log/merkle-hash.ts";
import { type Account, type AccountSpec, assertAccountSpecs, EMPTY_BALANCE, keepsLimit } from "./account.ts";
import { EXPIRY_ATTEMPTS, MAX_ACCOUNTS_PER_CALL, MAX_GROUP_OPERATIONS, MAX_ID_LENGTH, MAX_TIME_MS } from "./limits.ts";
import { assertGroup, assertTimeMs } from "./operation.ts";

/** The code with which something is refused, or null. */
function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const spec = (id: string, change: object = {}): AccountSpec =>
  ({ id, chart: "float", asset: "USDC", normalSide: "debit", limit: "none", ...change }) as AccountSpec;
const transfer = (id: string, change: object = {}) =>
  ({ kind: "transfer", id, debit: "a", credit: "b", amount: 1n, ...change }) as const;

describe("accounts that no ledger could open", () => {
  it("are more than one call may open", () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => spec(`a${index}`));
    expect(codeOf(() => assertAccountSpecs(many(MAX_ACCOUNTS_PER_CALL)))).toBeNull();
    expect(codeOf(() => assertAccountSpecs(many(MAX_ACCOUNTS_PER_CALL + 1)))).toBe("GROUP_TOO_LARGE");
  });

  it.each([
    ["an id of a blank", spec(" "), "BAD_ID"],
    ["an id of nothing", spec(""), "BAD_ID"],
    ["an id that is too long", spec("x".repeat(MAX_ID_LENGTH + 1)), "BAD_ID"],
    ["an id that is no text", spec(7 as never), "BAD_ID"],
    ["a chart with a blank in it", spec("a", { chart: "a b" }), "BAD_ID"],
    ["an asset with a sign", spec("a", { asset: "US-D" }), "BAD_ACCOUNT"],
    ["an asset of 13 letters", spec("a", { asset: "A".repeat(13) }), "BAD_ACCOUNT"],
    ["another side", spec("a", { normalSide: "left" }), "BAD_ACCOUNT"],
    ["another limit", spec("a", { limit: "some" }), "BAD_ACCOUNT"],
  ])("have %s", (_what, account, code) => {
    expect(codeOf(() => assertAccountSpecs([account]))).toBe(code);
  });

  it("stand twice in one call", () => {
    expect(codeOf(() => assertAccountSpecs([spec("a"), spec("b"), spec("a")]))).toBe("DUPLICATE_ID");
  });

  it("are none with the longest id and asset", () => {
    expect(codeOf(() => assertAccountSpecs([spec("x".repeat(MAX_ID_LENGTH), { asset: "A".repeat(12) })]))).toBeNull();
  });
});

describe("an account's limit", () => {
  const account = (limit: string, change: object): Account =>
    ({
      ...spec("a", { limit, normalSide: "credit" }),
      balance: { ...EMPTY_BALANCE, ...change },
      version: 1,
    }) as Account;

  it("is kept at nothing and not below, of what is posted or of what is left beside holds", () => {
    const below = { debitsPosted: 2n, creditsPosted: 1n };
    const held = { creditsPosted: 1n, debitsPending: 2n };
    expect(keepsLimit(account("none", below))).toBe(true);
    expect(keepsLimit(account("posted", below))).toBe(false);
    expect(keepsLimit(account("posted", held))).toBe(true);
    expect(keepsLimit(account("available", held))).toBe(false);
    expect(keepsLimit(account("available", { creditsPosted: 1n, debitsPending: 1n }))).toBe(true);
  });
});

describe("groups and times that no ledger could take", () => {
  it("are times before 1970, beyond the last, or no whole numbers", () => {
    for (const time of [0, 1, MAX_TIME_MS]) expect(codeOf(() => assertTimeMs("atMs", time))).toBeNull();
    for (const time of [-1, MAX_TIME_MS + 1, 0.5, Number.NaN])
      expect(codeOf(() => assertTimeMs("atMs", time))).toBe("BAD_TIME");
  });

  it("are groups of nothing, of too much, and with one id twice", () => {
    const group = (count: number) => Array.from({ length: count }, (_, index) => transfer(`t${index}`));
    expect(codeOf(() => assertGroup({ atMs: 0, operations: [] }))).toBe("EMPTY_GROUP");
    expect(codeOf(() => assertGroup({ atMs: 0, operations: group(MAX_GROUP_OPERATIONS) }))).toBeNull();
    expect(codeOf(() => assertGroup({ atMs: 0, operations: group(MAX_GROUP_OPERATIONS + 1) }))).toBe("GROUP_TOO_LARGE");
    expect(codeOf(() => assertGroup({ atMs: 0, operations: [transfer("t"), transfer("t")] }))).toBe("DUPLICATE_ID");
  });

  it.each([
    ["BAD_ID", transfer("t", { debit: "" })],
    ["BAD_ID", transfer("t", { credit: "" })],
    ["BAD_ID", { kind: "void", id: "t", hold: "" }],
    ["SAME_ACCOUNT", transfer("t", { credit: "a" })],
    ["BAD_AMOUNT", transfer("t", { amount: 0n })],
    ["BAD_TIME", transfer("t", { kind: "hold", expiresAtMs: -1 })],
  ])("are operations with %s", (code, operation) => {
    expect(codeOf(() => assertGroup({ atMs: 0, operations: [operation as never] }))).toBe(code);
  });
});

describe("a proof of numbers that are none", () => {
  const leaf = leafHash(Uint8Array.of(1));

  it.each([-1, 0.5, Number.NaN, 2 ** 53])("proves nothing with %p", (odd) => {
    expect(verifyInclusion({ leaf, index: odd, size: 1, root: leaf, path: [] })).toBe(false);
    expect(verifyInclusion({ leaf, index: 0, size: odd, root: leaf, path: [] })).toBe(false);
    expect(verifyConsistency({ from: odd, fromRoot: leaf, to: 1, toRoot: leaf, path: [] })).toBe(false);
    expect(verifyConsistency({ from: 1, fromRoot: leaf, to: odd, toRoot: leaf, path: [] })).toBe(false);
  });

  it("holds of equal logs with equal roots, and of an empty one with the root of nothing", () => {
    const other = leafHash(Uint8Array.of(2));
    const claim = (from: number, fromRoot: Uint8Array, to: number, toRoot: Uint8Array) =>
      verifyConsistency({ from, fromRoot, to, toRoot, path: [] });
    expect(claim(1, leaf, 1, leaf)).toBe(true);
    expect(claim(1, leaf, 1, other)).toBe(false);
    expect(claim(1, leaf, 1, leaf.subarray(1))).toBe(false);
    expect(claim(0, EMPTY_ROOT, 0, EMPTY_ROOT)).toBe(true);
    expect(claim(0, EMPTY_ROOT, 0, leaf)).toBe(false);
    expect(claim(0, leaf, 1, leaf)).toBe(false);
    expect(claim(0, EMPTY_ROOT, 1, leaf)).toBe(true);
    expect(claim(2, leaf, 1, leaf)).toBe(false);
  });
});

describe("ending holds whose time is over", () => {
  const engineOf = (due: readonly string[], outcomes: readonly boolean[]) => {
    const applied: unknown[] = [];
    const left = [...outcomes];
    const engine = {
      dueHolds: () => Promise.resolve(due.map((id) => ({ id }))),
      apply: (group: unknown) => {
        applied.push(group);
        return Promise.resolve({ ok: left.shift() ?? false });
      },
    } as unknown as LedgerEngine;
    return { engine, applied };
  };
  const wanted = { atMs: 9, limit: 2 };

  it("writes nothing where none is due", async () => {
    const { engine, applied } = engineOf([], []);
    expect(await expireDueHolds(engine, wanted)).toEqual([]);
    expect(applied).toEqual([]);
  });

  it("names each hold once, and tries again where others were first", async () => {
    const { engine, applied } = engineOf(["h", "i"], [false, true]);
    expect(await expireDueHolds(engine, wanted)).toEqual(["h", "i"]);
    const operations = ["h", "i"].map((hold) => ({ kind: "expire", id: expiryId(hold), hold }));
    expect(applied).toEqual([
      { atMs: 9, operations },
      { atMs: 9, operations },
    ]);
  });

  it("gives up in the end", async () => {
    const { engine, applied } = engineOf(["h"], []);
    await expect(expireDueHolds(engine, wanted)).rejects.toMatchObject({ code: "CONCURRENT_CHANGE" });
    expect(applied).toHaveLength(EXPIRY_ATTEMPTS);
  });
});
