import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { replaceMoneyFaults } from "../../src/chain/money/money-faults.ts";
import { AlarmStore } from "../../src/operations/alarm-records/alarm-store.ts";
import type { Finding } from "../../src/operations/readiness/findings.ts";
import { RecordProbe } from "../../src/operations/readiness/probes/record-probe.ts";
import { QuietHarness } from "../harness/quiet/quiet-harness.ts";

const HOUR_MS = 3_600_000;

let harness: QuietHarness;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());

const found = async (code: string): Promise<Finding | undefined> =>
  (await new RecordProbe(harness.db, harness.clock.now).look()).find((finding) => finding.code === code);

async function paidTwice(): Promise<void> {
  const of = { payee: null, terminal_id: null, upload: null, card: randomBytes(20) };
  await harness.db
    .insertInto("anomalies")
    .values({ kind: "PAID_TWICE", ...of, detail: "Both have paid.", found_at: new Date(harness.nowMs) })
    .execute();
}

const blocked = new Set<string>();
async function payeeBlocked(): Promise<void> {
  blocked.add(`0x${randomBytes(20).toString("hex")}`);
  await replaceMoneyFaults(harness.db, {
    codes: ["PAYEE_BLOCKED"],
    found: [...blocked].map((subject) => ({ code: "PAYEE_BLOCKED", subject, message: "It is so.", next: "Look." })),
    at: new Date(harness.nowMs),
  });
}

let missing = 1n;
async function insolvent(): Promise<void> {
  missing += 1n;
  const fault = { code: "INSOLVENT", subject: "", message: "It is so.", next: "Look.", extent: missing } as const;
  await replaceMoneyFaults(harness.db, { codes: ["INSOLVENT"], found: [fault], at: new Date(harness.nowMs) });
}

describe("what stands for several things", () => {
  it.each<readonly [string, () => Promise<void>]>([
    ["PAID_TWICE", paidTwice],
    ["PAYEE_BLOCKED", payeeBlocked],
    ["INSOLVENT", insolvent],
  ])("%s says when the newest of them came, and the same while nothing new does", async (code, happens) => {
    const begun = harness.nowMs;
    await happens();
    expect((await found(code))?.since?.getTime()).toBe(begun);
    const first = (await found(code))?.renewed?.getTime() ?? begun;
    expect(first).toBe(begun);
    harness.nowMs += HOUR_MS;
    expect((await found(code))?.renewed?.getTime() ?? begun).toBe(begun);
    await happens();
    const second = await found(code);
    expect([second?.since?.getTime(), second?.renewed?.getTime()]).toEqual([begun, harness.nowMs]);
    harness.nowMs += HOUR_MS;
    expect((await found(code))?.renewed?.getTime()).toBe(harness.nowMs - HOUR_MS);
  });

  it("is no news where less is missing than before", async () => {
    await insolvent();
    const { renewed } = (await found("INSOLVENT")) ?? {};
    harness.nowMs += HOUR_MS;
    missing -= 2n;
    await insolvent();
    expect((await found("INSOLVENT"))?.renewed).toEqual(renewed);
  });
});

describe("an alarm that somebody has acknowledged", () => {
  it("is told anew for what came since, once, and not for what it stood for", async () => {
    const store = new AlarmStore(harness.db);
    const look = async (): Promise<string | null | undefined> => {
      const finding = await found("PAID_TWICE");
      if (finding === undefined) throw new Error("it is found");
      const { code, level, message, next, since, renewed } = finding;
      const texts = {
        since: since?.toISOString() ?? "",
        ...(renewed === undefined ? {} : { renewed: renewed.toISOString() }),
      };
      await store.takeIn([{ code, level, message, next, ...texts }], {
        now: harness.nowMs,
        endAfterSeconds: 60,
      } as never);
      return (await store.list()).find((alarm) => alarm.code === "PAID_TWICE")?.acknowledgedBy;
    };
    await paidTwice();
    expect(await look()).toBeNull();
    harness.nowMs += 1;
    const [alarm] = await store.list();
    const actor = { name: "ada", role: "operator" } as const;
    await store.acknowledge(alarm?.id ?? "", { actor, reason: null, now: harness.nowMs });
    expect(await look()).toBe("ada");
    harness.nowMs += HOUR_MS;
    expect(await look()).toBe("ada");
    await paidTwice();
    expect(await look()).toBeNull();
  });
});
