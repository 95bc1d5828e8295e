import { afterEach, describe, expect, it } from "@jest/globals";
import { Logger } from "@nestjs/common";
import { feePolicy } from "@tallystick/evm";
import { ManualTimer } from "@tallystick/program/testing";
import type { TestTerminal } from "../../test/harness/test-terminal.ts";
import { servedDomain } from "../../test/harness/test-terminal.ts";
import { TerminalSuite } from "../../test/harness/terminal-suite.ts";
import { CLOCK_JOURNAL_SECONDS, MAX_SYNC_BACKOFF_SECONDS } from "../limits.ts";
import type { ExchangeReport } from "../sync/exchange.ts";
import { noCounts } from "../sync/uploader.ts";
import { Background, type BackgroundParts } from "./background.ts";

const suite = new TerminalSuite();
const INTERVAL_SECONDS = 15;
Logger.overrideLogger(false);

afterEach(() => {
  suite.removeAll();
});

interface Started {
  readonly terminal: TestTerminal;
  readonly background: Background;
  readonly timer: ManualTimer;
  /** How often the exchange ran. */
  readonly runs: () => number;
}

/** A terminal whose exchanges come to what `report` says, with its loops started. */
async function start(
  report: () => Partial<ExchangeReport>,
  options: { readonly repeats?: boolean; readonly claim?: boolean } = {},
): Promise<Started> {
  const terminal = await suite.terminal({
    domains: [await servedDomain({ settlementUrl: "http://127.0.0.1:1" })],
    sync: { intervalSeconds: INTERVAL_SECONDS, background: options.repeats ?? true },
    claim: options.claim === true ? { rpcUrl: "http://127.0.0.1:1", keyFile: "none", fees: feePolicy() } : null,
  });
  const timer = new ManualTimer();
  let runs = 0;
  const { exchange } = terminal.gateway;
  exchange.run = () => {
    runs += 1;
    return Promise.resolve({ uploaded: noCounts, statusList: null, reportedFinal: 0, faults: [], ...report() });
  };
  exchange.followNew = () => Promise.resolve(0);
  const parts: BackgroundParts = { ...terminal.gateway, timer };
  const background = new Background(parts);
  background.onApplicationBootstrap();
  return { terminal, background, timer, runs: () => runs };
}

/** Lets time pass, second by second. */
async function pass(timer: ManualTimer, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) await timer.pass(1_000);
}

const unreachable = { faults: [{ code: "SETTLEMENT_UNREACHABLE", message: "It is away." }] };

describe("the exchange of a terminal that runs", () => {
  it("comes at once, and again after each interval", async () => {
    const { timer, runs } = await start(() => ({}));
    await timer.pass(0);
    expect(runs()).toBe(1);
    await pass(timer, INTERVAL_SECONDS - 1);
    expect(runs()).toBe(1);
    await pass(timer, 1);
    expect(runs()).toBe(2);
  });

  it("comes later and later while settlement is away, and at its interval when that is back", async () => {
    let away = true;
    const { timer, runs } = await start(() => (away ? unreachable : {}));
    await timer.pass(0);
    await pass(timer, INTERVAL_SECONDS - 1);
    expect(runs()).toBe(1);
    await pass(timer, 20 * MAX_SYNC_BACKOFF_SECONDS);
    const tries = runs();
    expect(tries).toBeGreaterThan(20);
    expect(tries).toBeLessThan(60);
    away = false;
    await pass(timer, MAX_SYNC_BACKOFF_SECONDS);
    const recovered = runs();
    expect(recovered).toBeGreaterThan(tries);
    await pass(timer, INTERVAL_SECONDS * 4);
    expect(runs()).toBe(recovered + 4);
  });

  it("comes once where nothing is to repeat, also where it fails", async () => {
    const { timer, runs } = await start(() => unreachable, { repeats: false });
    await timer.pass(0);
    await pass(timer, 2 * MAX_SYNC_BACKOFF_SECONDS);
    expect(runs()).toBe(1);
  });

  it("goes on where a claim fails", async () => {
    const { timer, runs, terminal } = await start(() => ({}), { claim: true });
    terminal.gateway.refunds.inTurn = () => Promise.reject(new Error("no way to the chain"));
    await timer.pass(0);
    await pass(timer, INTERVAL_SECONDS);
    expect(runs()).toBe(2);
  });
});

describe("the time of a terminal that runs", () => {
  it("is journalled at the start and each minute, while the clock is confirmed", async () => {
    const { terminal, timer } = await start(() => ({}));
    expect(terminal.clock.floor()).toBe(terminal.now);
    terminal.now += CLOCK_JOURNAL_SECONDS;
    await pass(timer, CLOCK_JOURNAL_SECONDS);
    expect(terminal.clock.floor()).toBe(terminal.now);
    const before = terminal.now;
    terminal.now -= 1;
    await pass(timer, CLOCK_JOURNAL_SECONDS);
    expect(terminal.clock.floor()).toBe(before);
  });
});

describe("a terminal that ends", () => {
  it("begins nothing more, and closes its journal", async () => {
    const { background, timer, runs, terminal } = await start(() => ({}));
    await timer.pass(0);
    await background.onApplicationShutdown();
    await pass(timer, 2 * INTERVAL_SECONDS);
    expect([runs(), timer.waits]).toEqual([1, []]);
    expect(() => terminal.gateway.journal.taps.recent(1)).toThrow();
  });
});
