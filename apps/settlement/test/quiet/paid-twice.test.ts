import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { LIMITS } from "../../src/foundation/limits/limits.ts";
import { openCases } from "../../src/operations/cases/case-rows.ts";
import { RecordProbe } from "../../src/operations/readiness/probes/record-probe.ts";
import { paidTwice, reportPaidTwice, stopTransfer } from "../../src/vouchers/forks/paid-twice.ts";
import { considered, forkedAt, type Fork } from "../harness/quiet/quiet-forks.ts";
import { QuietHarness, keyOf, NOW } from "../harness/quiet/quiet-harness.ts";

let harness: QuietHarness;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  harness.nowMs = NOW * 1_000;
  await harness.takenIn(10n);
});

/** A forked voucher that the issuer bears. */
async function borne(amount = 7n): Promise<Fork & { readonly action: string }> {
  const fork = await forkedAt(harness, amount);
  harness.chain.show(fork.card.address, { flagged: true });
  expect((await considered(harness, fork.second)).state).toBe("compensating");
  const { action_id: action } = await harness.db
    .selectFrom("compensations")
    .select("action_id")
    .where("voucher_id", "=", keyOf(fork.second))
    .executeTakeFirstOrThrow();
  return { ...fork, action };
}

/** A transaction of an action, and what a block shows of it. */
async function transferred(
  action: string,
  event: { kind?: string; final?: boolean; attempt?: number } = {},
): Promise<Uint8Array> {
  const hash = randomBytes(32);
  const bytes = { hash, account: randomBytes(20), raw: Buffer.alloc(1) };
  const { attempt = 1 } = event;
  const fees = { gas: 1n, max_fee: 1n, priority_fee: 1n };
  await harness.db
    .insertInto("chain_transactions")
    .values({ ...bytes, ...fees, action_id: action, attempt, nonce: 1n, stored_at: new Date(0), sent_at: null })
    .execute();
  await harness.event(event.kind ?? "transfer", { transaction_hash: hash, final: event.final ?? true });
  return hash;
}

const report = ({ second }: Fork) =>
  harness.db.transaction().execute((trx) => reportPaidTwice(trx, keyOf(second), new Date(harness.nowMs)));
const anomalies = ({ card }: Fork) =>
  harness.db.selectFrom("anomalies").selectAll().where("card", "=", card.address).execute();

describe("a voucher that the vault and the issuer have both paid", () => {
  it("is reported once, with both transactions, and its units are counted", async () => {
    const before = await paidTwice(harness.db);
    const fork = await borne(11n);
    const transfer = await transferred(fork.action);
    await harness.settled(fork.second);
    const { transaction_hash: paid } = await harness.db
      .selectFrom("settled_items")
      .select("transaction_hash")
      .where("voucher_id", "=", keyOf(fork.second))
      .executeTakeFirstOrThrow();
    await report(fork);
    await report(fork);
    const found = await anomalies(fork);
    expect(found).toMatchObject([{ kind: "PAID_TWICE", found_at: new Date(harness.nowMs) }]);
    expect(toHex(found[0]?.payee ?? Buffer.alloc(0))).toBe(toHex(fork.here.payee));
    for (const shown of [keyOf(fork.second), paid, transfer]) expect(found[0]?.detail).toContain(toHex(shown));
    expect(await paidTwice(harness.db)).toBe(before + 11n);
  });

  it("is an alarm until its case is resolved, for a month at most", async () => {
    const probe = new RecordProbe(harness.db, () => harness.nowMs);
    const named = async () => (await probe.look()).filter(({ code }) => code === "PAID_TWICE");
    const [first, second] = [await borne(), await borne()];
    for (const fork of [first, second]) {
      await transferred(fork.action);
      await harness.settled(fork.second);
      await report(fork);
    }
    await openCases(new Date(harness.nowMs)).execute(harness.db);
    const resolve = (...cards: readonly Uint8Array[]) =>
      harness.db
        .updateTable("cases")
        .set({ resolved_at: new Date(harness.nowMs) })
        .where("card", "in", cards)
        .execute();
    const others = await harness.db.selectFrom("anomalies").select("card").where("kind", "=", "PAID_TWICE").execute();
    expect((await named())[0]?.message).toContain(toHex(keyOf(second.second)));
    await resolve(second.card.address);
    const [left] = await named();
    expect(left?.message).not.toContain(toHex(keyOf(second.second)));
    harness.nowMs += LIMITS.paidTwiceAlarmMs - 1;
    expect(await named()).toEqual([left]);
    harness.nowMs += 1;
    expect(await named()).toEqual([]);
    harness.nowMs -= LIMITS.paidTwiceAlarmMs;
    await resolve(...others.flatMap(({ card }) => (card === null ? [] : [card])));
    expect(await named()).toEqual([]);
  });

  it("is counted once, however many transactions its transfer had, and with every other one", async () => {
    const before = await paidTwice(harness.db);
    for (const units of [3n, 4n]) {
      const fork = await borne(units);
      for (const attempt of [1, 2]) await transferred(fork.action, { attempt });
      await harness.settled(fork.second);
    }
    expect(await paidTwice(harness.db)).toBe(before + 7n);
  });

  it.each([
    ["the transfer is not final", { final: false }],
    ["its transaction shows no transfer", { kind: "approval" }],
  ])("is none where %s", async (_what, event) => {
    const before = await paidTwice(harness.db);
    const fork = await borne();
    await transferred(fork.action, event);
    await harness.settled(fork.second);
    await report(fork);
    expect([await anomalies(fork), await paidTwice(harness.db)]).toEqual([[], before]);
  });

  it("is none where the vault paid nothing, or the transfer was never sent", async () => {
    const before = await paidTwice(harness.db);
    const [unpaid, unsent] = [await borne(), await borne()];
    await transferred(unpaid.action);
    await harness.settled(unsent.second);
    for (const fork of [unpaid, unsent]) {
      await report(fork);
      expect(await anomalies(fork)).toEqual([]);
    }
    expect(await paidTwice(harness.db)).toBe(before);
  });
});

describe("a compensation whose voucher the vault has paid", () => {
  const stop = ({ second }: Fork) =>
    harness.db.transaction().execute((trx) => stopTransfer(trx, keyOf(second), new Date(harness.nowMs)));
  const row = (action: string) =>
    harness.db
      .selectFrom("chain_actions")
      .select(["state", "failure", "changed_at"])
      .where("id", "=", action)
      .executeTakeFirstOrThrow();

  it("is not sent any more, and no other one is stopped", async () => {
    const [fork, other] = [await borne(), await borne()];
    harness.nowMs += 1_000;
    await stop(fork);
    const changedAt = new Date(harness.nowMs);
    expect(await row(fork.action)).toEqual({ state: "refused", failure: "PAID_BY_VAULT", changed_at: changedAt });
    expect((await row(other.action)).state).toBe("planned");
  });

  it("stays as it is where it has a nonce", async () => {
    const fork = await borne();
    await harness.db.updateTable("chain_actions").set({ state: "sent" }).where("id", "=", fork.action).execute();
    await stop(fork);
    expect(await row(fork.action)).toMatchObject({ state: "sent", failure: null });
  });
});
