import { randomBytes, randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { RpcError } from "@tallystick/evm";
import { toHex } from "@tallystick/protocol";
import { moneyFaults } from "../../src/chain/money/money-faults.ts";
import { keepFailedSum, keepSum, moneySum } from "../../src/chain/money/money-sums.ts";
import { createDatabase, createPool } from "../../src/foundation/database/database.ts";
import type { Queues } from "../../src/jobs/queues.ts";
import { ALARMED_CASE_KINDS, CASE_KINDS } from "../../src/operations/cases/case-kinds.ts";
import { FAILURE_ROWS, LIVE_STREAMS, LIVE_STREAMS_EACH } from "../../src/operations/console/limits.ts";
import { LiveUpdates } from "../../src/operations/console/live-updates.ts";
import { MerchantReader } from "../../src/operations/console/read/merchants.ts";
import type { Overview } from "../../src/operations/console/read/overview.ts";
import { WorkReader } from "../../src/operations/console/read/work.ts";
import { MoneyWatch } from "../../src/operations/money/money-watch.ts";
import { RecordProbe } from "../../src/operations/readiness/probes/record-probe.ts";
import { SilenceProbe } from "../../src/operations/readiness/probes/silence-probe.ts";
import { SILENT_ROWS } from "../../src/operations/silence/limits.ts";
import type { MissingPaymentReader } from "../../src/operations/silence/missing-payments.ts";
import { SilentTerminals } from "../../src/operations/silence/silent-terminals.ts";
import { QuietHarness, refuses } from "../harness/quiet/quiet-harness.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];

let harness: QuietHarness;
let runs: Awaited<ReturnType<MissingPaymentReader["read"]>> = [];
const missing = { read: () => Promise.resolve(runs) } as unknown as MissingPaymentReader;
const silences = (): SilentTerminals => new SilentTerminals(harness.db, missing, harness.clock);
const merchants = (): MerchantReader => new MerchantReader(harness.db, silences(), harness.config.asset, harness.clock);

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(async () => {
  await harness.close();
});

async function heard({ payee, terminalId: terminal_id }: TestTerminal, agoMs: number): Promise<void> {
  const given_at = new Date(harness.nowMs - agoMs);
  const signed = { receipt: randomBytes(101), signature: randomBytes(64) };
  await harness.db
    .insertInto("receipts")
    .values({ ...{ upload: randomBytes(32), payee, terminal_id, given_at, received_at: 1n }, ...signed })
    .execute();
}

async function withdraw({ payee, terminalId: terminal_id }: TestTerminal): Promise<void> {
  const row = { payee, terminal_id, reason: "Put away.", who: "ada", recorded_at: new Date(harness.nowMs) };
  const withdrawn_from = BigInt(Math.floor(harness.nowMs / 1_000));
  await harness.db
    .insertInto("certificate_withdrawals")
    .values({ ...row, withdrawn_from })
    .execute();
}

describe("how old the newest sum is", () => {
  const storedAhead = () =>
    harness.db
      .updateTable("money_sums")
      .set({ summed_at: new Date(Date.now() + DAY_MS) })
      .execute();

  it("is counted by the database, and what is written last stands, whatever clock a process has", async () => {
    const { db } = harness;
    expect(await moneySum(db)).toBeNull();
    await keepFailedSum(db, { failure: "UNREACHABLE: away", tookMs: 0 });
    expect(await moneySum(db)).toMatchObject({ block: null, failure: "UNREACHABLE: away" });
    await keepSum(db, { ageMs: 60_000, block: 7n });
    expect(await moneySum(db)).toMatchObject({ block: 7n, failure: null });
    expect((await moneySum(db))?.ageMs).toBeGreaterThanOrEqual(60_000);

    // A program from before kept the time of its own clock, which was ahead.
    await storedAhead();
    expect((await moneySum(db))?.ageMs).toBeLessThan(0);
    await keepSum(db, { ageMs: 0, block: 8n });
    expect(await moneySum(db)).toMatchObject({ block: 8n, failure: null });
    expect((await moneySum(db))?.ageMs).toBeGreaterThanOrEqual(0);
  });

  it("grows from a failed try on where the time is ahead", async () => {
    const { db } = harness;
    await storedAhead();
    await keepFailedSum(db, { failure: "UNREACHABLE: away", tookMs: 0 });
    expect(await moneySum(db)).toMatchObject({ block: 8n, failure: "UNREACHABLE: away" });
    expect((await moneySum(db))?.ageMs).toBeGreaterThanOrEqual(0);
    const tries = [keepSum(db, { ageMs: 0, block: 9n }), keepFailedSum(db, { failure: "REFUSED: no", tookMs: 0 })];
    await Promise.all(tries);
    expect((await moneySum(db))?.block).toBe(9n);
  });

  /** One more process, whose sum of a block shows a surplus, or what it throws. */
  const sum = async (block: bigint, surplusBaseUnits: bigint | Error): Promise<void> => {
    const { db, config, clock, contract, chain } = harness;
    const vault = { heldBaseUnits: 0n, owesBaseUnits: 0n, surplusBaseUnits };
    const reports = {
      get: () =>
        surplusBaseUnits instanceof Error
          ? Promise.reject(surplusBaseUnits)
          : Promise.resolve({ ageMs: 0, value: { money: { block, vault, ledgerDifference: 0n } } }),
    };
    const identity = { confirm: () => Promise.resolve() };
    const parts = [db, reports, identity, chain.rpc(), contract, {}, config, clock] as unknown;
    await new MoneyWatch(...(parts as ConstructorParameters<typeof MoneyWatch>)).sum();
  };
  const insolvent = async () => (await moneyFaults(harness.db)).map(({ code, since }) => [code, since]);

  it("is that of the newest block, whose findings an older one that comes late leaves as they are", async () => {
    const { db } = harness;
    await harness.takenIn(21n);
    const since = new Date(harness.nowMs);
    await sum(21n, -5n);
    harness.nowMs += HOUR_MS;
    await sum(20n, 0n);
    expect([(await moneySum(db))?.block, await insolvent()]).toEqual([21n, [["INSOLVENT", since]]]);
    // A sum that was made while it was tried is newer than what it threw.
    const times = jest.spyOn(performance, "now").mockReturnValueOnce(0).mockReturnValue(60_000);
    const refused = new RpcError("REFUSED", "missing trie node");
    await refuses(sum(21n, refused), "REFUSED");
    times.mockRestore();
    expect(await moneySum(db)).toMatchObject({ block: 21n, failure: null });
    await refuses(sum(21n, refused), "REFUSED");
    expect(await moneySum(db)).toMatchObject({ block: 21n, failure: expect.stringContaining("REFUSED") });
    await sum(21n, 0n);
    expect([(await moneySum(db))?.failure, await insolvent()]).toEqual([null, []]);
    // The books went back to a block from before.
    await harness.takenIn(19n);
    await sum(19n, -5n);
    expect([(await moneySum(db))?.block, (await insolvent()).length]).toEqual([19n, 1]);
    await db.deleteFrom("money_faults").execute();
  });
});

describe("silence", () => {
  it("begins after a working day, and ends by an upload or a withdrawal, and not by time", async () => {
    const terminal = await harness.terminal({ notAfter: harness.nowMs / 1_000 + 60 });
    expect(await silences().count()).toBe(0);
    await heard(terminal, 8 * HOUR_MS - 1);
    expect(await silences().count()).toBe(0);
    harness.nowMs += 1;
    expect(await silences().count()).toBe(1);
    // Its certificate has expired long since, and what it took before may still be in it.
    harness.nowMs += 400 * DAY_MS;
    expect([await silences().count(), (await silences().read()).forDay]).toEqual([1, 1]);
    await heard(terminal, 0);
    expect(await silences().count()).toBe(0);
    harness.nowMs += 9 * HOUR_MS;
    expect([await silences().count(), (await silences().read()).forDay]).toEqual([1, 0]);
    await withdraw(terminal);
    expect(await silences().count()).toBe(0);
  });

  it("is looked for among all terminals, named the longest first, and blamed on none where others are silent", async () => {
    const silent = await Promise.all(Array.from({ length: SILENT_ROWS + 1 }, () => harness.terminal()));
    runs = [{ card: randomBytes(20), count: 14, units: 6_120n, after: 0, before: harness.nowMs - HOUR_MS, foundAt: 0 }];
    const [first] = silent as [TestTerminal, ...TestTerminal[]];
    await heard(first, 20 * HOUR_MS);
    const alone = await merchants().find(first.payee);
    expect(alone.terminals[0]?.silence).toContain("14 payments");
    expect(alone.terminals[0]?.silence).not.toContain("another");
    for (const [index, terminal] of silent.entries()) if (index > 0) await heard(terminal, 9 * HOUR_MS + index);
    expect((await merchants().find(first.payee)).terminals[0]?.silence).toContain("another silent terminal");
    const { count, terminals } = await merchants().silent();
    expect([count, terminals.length]).toEqual([SILENT_ROWS + 1, SILENT_ROWS]);
    expect(terminals[0]?.terminalId).toBe(toHex(first.terminalId));
  });

  it("is a warning where cards prove that something is missing, or after a day, and is never a reason", async () => {
    const look = async (): Promise<readonly string[]> =>
      (await new SilenceProbe(silences(), String).look()).map(({ code, level }) => `${level} ${code}`);
    expect(await look()).toEqual(["warning TERMINALS_SILENT"]);
    runs = [{ card: randomBytes(20), count: 1, units: 5n, after: 0, before: harness.nowMs - 21 * HOUR_MS, foundAt: 0 }];
    expect(await look()).toEqual([]);
    runs = null;
    expect(await look()).toEqual([]);
    harness.nowMs += 4 * HOUR_MS;
    const [finding] = await new SilenceProbe(silences(), String).look();
    expect([finding?.code, finding?.since?.getTime()]).toEqual(["TERMINALS_SILENT", harness.nowMs - DAY_MS]);
  });
});

describe("open cases", () => {
  it("are a warning with the oldest's time, but those that readiness tells of otherwise", async () => {
    const probe = new RecordProbe(harness.db, harness.clock.now);
    const opened = (hoursAgo: number): Date => new Date(harness.nowMs - hoursAgo * HOUR_MS);
    const open = async (kind: string, at: Date): Promise<void> => {
      const about = { card: null, counter: null, payee: null, terminal_id: null, voucher_id: null, upload: null };
      const cause = { source: "test", source_key: randomUUID(), missing_seq: null, fault: null, caused_at: at };
      await harness.db
        .insertInto("cases")
        .values({ kind, ...about, ...cause, detail: "It is so.", opened_at: at })
        .execute();
    };
    const look = async () =>
      (await probe.look()).map(({ code, level, since, renewed }) => ({
        ...{ code, level, since: since?.getTime(), renewed: renewed?.getTime() },
      }));
    const others = CASE_KINDS.filter((kind) => !(ALARMED_CASE_KINDS as readonly string[]).includes(kind));
    expect(others).toEqual(["WITHHELD", "RECONCILIATION"]);
    for (const kind of others) await open(kind, opened(9));
    expect(await look()).toEqual([]);
    for (const kind of ALARMED_CASE_KINDS) await open(kind, opened(1));
    await open("UPLOAD_GAP", opened(3));
    const [finding] = await look();
    expect(finding).toEqual({
      code: "CASES_OPEN",
      level: "warning",
      since: opened(3).getTime(),
      renewed: opened(1).getTime(),
    });
    await harness.db
      .updateTable("cases")
      .set({ resolved_at: new Date(harness.nowMs) })
      .execute();
    expect(await look()).toEqual([]);
  });
});

async function failed(count: number, failure: string | null, change: Record<string, unknown> = {}): Promise<void> {
  const at = new Date(harness.nowMs);
  const rows = Array.from({ length: count }, () => ({
    ...{ id: randomUUID(), key: randomUUID(), kind: "withdraw", account: randomBytes(20), target: randomBytes(20) },
    ...{ data: randomBytes(4), state: "refused", failure, created_at: at, changed_at: at, ...change },
  }));
  await harness.db
    .insertInto("chain_actions")
    .values(rows as never)
    .execute();
}

describe("failures", () => {
  it("are grouped by what stands before the colon, counted all, and live ones are not crowded out", async () => {
    const queues = { counts: () => Promise.resolve({}) } as unknown as Queues;
    await failed(2, "NO_TOKENS: 3 are missing", { changed_at: new Date(harness.nowMs - DAY_MS) });
    await failed(1, "NO_TOKENS: 7 are missing", { changed_at: new Date(harness.nowMs - DAY_MS) });
    await failed(1, null);
    await failed(60, "NO_TOKENS: 1 is missing", { abandoned_at: new Date(harness.nowMs) });
    const { failures } = await new WorkReader(harness.db, queues, harness.config.asset).read();
    expect(failures.map(({ count, setAside }) => [count, setAside])).toEqual([
      [63, 60],
      [1, 0],
    ]);
    const [{ reason, actions } = { reason: "", actions: [] }] = failures;
    expect([reason, actions.length]).toEqual(["NO_TOKENS", FAILURE_ROWS]);
    expect(actions.map(({ abandoned }) => abandoned).indexOf(true)).toBe(3);
  });
});

/** A browser that listens, and what it was told. */
class Listener extends EventEmitter {
  told: string[] = [];
  writeHead(): void {}
  end(): void {}
  write(text: string): void {
    this.told.push(/^event: (\w+)/.exec(text)?.[1] ?? "nothing");
  }
}

describe("live updates", () => {
  it("tell of approvals, names and failures, and that the database is away, and when it is there again", async () => {
    const gone = createDatabase(createPool("postgres://127.0.0.1:1/none"));
    let away = false;
    const db = new Proxy(harness.db, {
      get: (_, name) => {
        const from = away ? gone : harness.db;
        const value: unknown = Reflect.get(from, name, from);
        return typeof value === "function" ? (value.bind(from) as unknown) : value;
      },
    });
    const overview = { situation: { tone: "good" }, fuel: null, money: { sums: null }, next: null, cases: 0 };
    const live = new LiveUpdates({ read: () => Promise.resolve(overview as unknown as Overview) }, db);
    const listener = new Listener();
    expect(live.add(listener as unknown as ServerResponse, "ada")).toBe(true);
    // The loop ends here, and this listener stays: each look below is one that is asked for.
    await live.beforeApplicationShutdown();
    const toldBy = async (change: () => unknown): Promise<string | undefined> => {
      await change();
      listener.told = [];
      await live.look();
      return listener.told.at(-1);
    };
    await live.look();
    expect(await toldBy(() => null)).toBe("nothing");
    // Later than every failure before: only the newest are looked at.
    harness.nowMs += 1;
    expect(await toldBy(() => failed(1, "NEW"))).toBe("changed");
    const at = new Date(harness.nowMs);
    const approval = {
      ...{ id: randomUUID(), kind: "payout", name: "payout", subject: randomBytes(20), units: 1n, request: "{}" },
      ...{ asked_by: "ada", asked_role: "operator", reason: "so", asked_at: at, ends_at: at, state: "waiting" },
    };
    const approve = () =>
      harness.db
        .insertInto("approvals")
        .values(approval as never)
        .execute();
    expect(await toldBy(approve)).toBe("changed");
    const request = {
      ...{ id: randomBytes(32), request: randomBytes(130), signature: randomBytes(64), source: "here", time: 1n },
      ...{ received_at: at, state: "waiting", certificate: null },
    };
    const asked = () =>
      harness.db
        .insertInto("certificate_requests")
        .values(request as never)
        .execute();
    expect(await toldBy(asked)).toBe("changed");
    const report = {
      ...{ digest: randomBytes(32), report: "{}", order_name: "June", payee: randomBytes(20), made_at: at },
      ...{ terminal_id: randomBytes(16), cards: 1, ready: 1, deposited: "1", known_cards: 1, known_units: 1n },
    };
    const reported = () =>
      harness.db
        .insertInto("order_reports")
        .values({ ...report, received_at: at } as never)
        .execute();
    expect(await toldBy(reported)).toBe("changed");
    const audited = { position: 0n, entry: "{}", recorded_at: at };
    expect(await toldBy(() => harness.db.insertInto("audit_entries").values(audited).execute())).toBe("changed");
    expect(await toldBy(() => (away = true))).toBe("away");
    expect(await toldBy(() => null)).toBe("away");
    expect(await toldBy(() => (away = false))).toBe("changed");
    expect(await toldBy(() => null)).toBe("nothing");
    const listens = (name: string): boolean => live.add(new Listener() as unknown as ServerResponse, name);
    for (let count = 1; count < LIVE_STREAMS_EACH; count++) expect(listens("ada")).toBe(true);
    // One person keeps nobody else from listening.
    expect([listens("ada"), listens("ida")]).toEqual([false, true]);
    for (let count = LIVE_STREAMS_EACH + 1; count < LIVE_STREAMS; count++) expect(listens(`other ${count}`)).toBe(true);
    expect(listens("one more")).toBe(false);
    await gone.destroy();
  });
});
