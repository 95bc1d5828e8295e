import { describe, expect, it } from "@jest/globals";
import type { ChainBlock } from "@tallystick/evm";
import { RpcError } from "@tallystick/evm";
import { ProgramError } from "@tallystick/program";
import { DatabaseAway } from "../../../foundation/database/database-away.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { ChainProbe } from "./chain-probe.ts";
import { FuelProbe } from "./fuel-probe.ts";
import { type Progress, ProgressProbe } from "./progress-probe.ts";
import { RedisProbe } from "./redis-probe.ts";

const NOW = 1_790_000_000_000;
const MINUTE = 60_000;

const block = (atMs: number, baseFee = 0n): ChainBlock => ({
  ...{ number: 7n, hash: new Uint8Array(32), timestamp: BigInt(atMs / 1_000), baseFee },
});

describe("the probe of progress", () => {
  const still: Progress = {
    cursorAtMs: NOW,
    oldestAction: null,
    newestStandingMs: null,
    oldestUnbatchedMs: null,
    oldestCallMs: null,
  };
  const batchMaxAgeMs = 5_000;

  async function codes(change: Partial<Progress>, finalizedAtMs: number | null = NOW): Promise<readonly string[]> {
    const head = finalizedAtMs === null ? null : { finalizedAtMs, latestAtMs: finalizedAtMs };
    const read = (): Promise<Progress> => Promise.resolve({ ...still, ...change });
    const probe = new ProgressProbe({ read, head: () => head, now: () => NOW, batchMaxAgeMs });
    return (await probe.look()).map(({ code }) => code);
  }

  it("finds nothing where nothing waits, also on a chain that stands", async () => {
    expect(await codes({})).toEqual([]);
    expect(await codes({ cursorAtMs: NOW - 60 * MINUTE }, NOW - 60 * MINUTE)).toEqual([]);
    expect(await codes({ cursorAtMs: null })).toEqual([]);
  });

  it.each<[string, Partial<Progress>, Partial<Progress>]>([
    ["EVENTS_BEHIND", { cursorAtMs: NOW - LIMITS.cursorBehindMs }, { cursorAtMs: NOW - LIMITS.cursorBehindMs - 1_000 }],
    [
      "ACTIONS_STAND",
      { oldestAction: { key: "fund:1", sinceMs: NOW - LIMITS.actionStandsMs, failure: null } },
      { oldestAction: { key: "fund:1", sinceMs: NOW - LIMITS.actionStandsMs - 1, failure: "NO_GAS" } },
    ],
    [
      "VOUCHERS_STAND",
      { oldestUnbatchedMs: NOW - batchMaxAgeMs - LIMITS.unbatchedStandsMs },
      { oldestUnbatchedMs: NOW - batchMaxAgeMs - LIMITS.unbatchedStandsMs - 1 },
    ],
    ["OUTBOX_STANDS", { oldestCallMs: NOW - LIMITS.outboxStandsMs }, { oldestCallMs: NOW - LIMITS.outboxStandsMs - 1 }],
  ])("finds %s when its time is over, and not before", async (code, before, after) => {
    expect(await codes(before)).toEqual([]);
    expect(await codes(after)).toEqual([code]);
  });

  it("does not say that events are behind of a chain that it cannot see", async () => {
    expect(await codes({ cursorAtMs: NOW - 60 * MINUTE }, null)).toEqual([]);
  });
});

describe("the probe of fuel", () => {
  const parts = {
    account: Buffer.alloc(20, 1),
    pays: "everything" as const,
    gasOfBatch: () => Promise.resolve(1_000_000n),
    maxFee: 100n,
  };

  async function found(wei: bigint, { baseFee = 4n, tip = 2n } = {}) {
    const rpc = {
      balance: () => Promise.resolve(wei),
      block: () => Promise.resolve(block(NOW, baseFee)),
      priorityFee: () => Promise.resolve(tip),
    };
    const probe = new FuelProbe({ ...parts, rpc });
    const codes = (await probe.look()).map(({ code, level }) => `${level} ${code}`);
    return { codes, batches: probe.fuel?.batches };
  }

  it("counts batches at twice the base fee and the tip", async () => {
    expect(await found(430_000_000n)).toEqual({ codes: [], batches: 43 });
    expect((await found(429_999_999n)).batches).toBe(42);
  });

  it("warns below its limit, and is a reason where not one batch can be paid", async () => {
    const one = 10_000_000n;
    expect((await found(one * BigInt(LIMITS.fuelLowBatches))).codes).toEqual([]);
    expect((await found(one * BigInt(LIMITS.fuelLowBatches) - 1n)).codes).toEqual(["warning GAS_LOW"]);
    expect((await found(one)).codes).toEqual(["warning GAS_LOW"]);
    expect((await found(one - 1n)).codes).toEqual(["reason NO_GAS"]);
    expect((await found(0n, { baseFee: 0n, tip: 0n })).codes).toEqual(["reason NO_GAS"]);
  });

  it("only warns where deposits alone are the account's", async () => {
    const rpc = {
      balance: () => Promise.resolve(10_000_000n),
      block: () => Promise.resolve(block(NOW, 4n)),
      priorityFee: () => Promise.resolve(2n),
    };
    const probe = new FuelProbe({ ...parts, pays: "deposits", rpc });
    expect(await probe.look()).toMatchObject([{ code: "TREASURY_GAS_LOW", level: "warning" }]);
    rpc.balance = () => Promise.resolve(9_999_999n);
    expect(await probe.look()).toMatchObject([{ code: "TREASURY_NO_GAS", level: "warning" }]);
  });

  it("counts no more than is ever offered", async () => {
    expect((await found(4_300_000_000n, { baseFee: 1_000n })).batches).toBe(43);
  });
});

describe("the probe of Redis", () => {
  it.each([
    ["READONLY You can't write against a read only replica.", "REDIS_NOT_WRITABLE"],
    ["OOM command not allowed when used memory > 'maxmemory'.", "REDIS_NOT_WRITABLE"],
    ["MOVED 3999 127.0.0.1:6381", "REDIS_NOT_WRITABLE"],
    ["Redis does not answer.", "REDIS_UNAVAILABLE"],
    ["Connection is closed.", "REDIS_UNAVAILABLE"],
    ["connect ECONNREFUSED 127.0.0.1:9", "REDIS_UNAVAILABLE"],
  ])("tells what %s means", (message, code) => {
    const probe = new RedisProbe({ writeProbe: () => Promise.resolve() });
    expect(probe.fault({ kind: "threw", error: new Error(message) })).toMatchObject([{ code }]);
  });
});

describe("the probe of the chain", () => {
  it("warns of a node whose newest block is old, and forgets what it saw when it is away", async () => {
    let atMs = NOW - LIMITS.chainStandsMs + 1_000;
    const rpc = { chainId: () => Promise.resolve(5n), block: () => Promise.resolve(block(atMs)) };
    const identity = { confirm: () => Promise.resolve(), readsDatabase: false };
    const probe = new ChainProbe({ ...{ rpc, identity, chainId: 5n }, now: () => NOW });
    expect(await probe.look()).toEqual([]);
    atMs -= 1_000;
    expect(await probe.look()).toMatchObject([{ code: "CHAIN_STANDS", level: "warning" }]);
    expect(probe.head).toEqual({ finalizedAtMs: atMs, latestAtMs: atMs });
    expect(probe.fault({ kind: "hangs", forMs: 2_000 })).toMatchObject([{ code: "CHAIN_UNREACHABLE" }]);
    expect(probe.head).toBeNull();
    const other = new ChainProbe({ ...{ rpc, identity, chainId: 6n }, now: () => NOW });
    expect(await other.look()).toMatchObject([{ code: "WRONG_CHAIN", level: "reason" }]);
  });

  it("says that the books are behind the chain, and nothing of the node where the database is away", () => {
    const rpc = { chainId: () => Promise.resolve(5n), block: () => Promise.resolve(null) };
    const identity = { confirm: () => Promise.resolve(), readsDatabase: false };
    const probe = new ChainProbe({ ...{ rpc, identity, chainId: 5n }, now: () => NOW });
    const behind = new ProgramError("COPY_BEHIND_CHAIN", "lost", { exit: "store", next: "find it" });
    expect(probe.fault({ kind: "threw", error: behind })).toMatchObject([
      { code: "COPY_BEHIND_CHAIN", level: "reason", next: "find it" },
    ]);
    expect(probe.fault({ kind: "threw", error: new DatabaseAway("away") })).toEqual([]);
    const away = new RpcError("UNREACHABLE", "away");
    expect(probe.fault({ kind: "threw", error: away })).toMatchObject([{ code: "CHAIN_UNREACHABLE" }]);
    expect(probe.fault({ kind: "hangs", forMs: 2_000 })).toMatchObject([{ code: "CHAIN_UNREACHABLE" }]);
    identity.readsDatabase = true;
    expect(probe.fault({ kind: "hangs", forMs: 2_000 })).toEqual([]);
  });
});
