import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import type { ActionKind } from "../../src/chain/chain-actions.ts";
import { failedActions, failedGroups } from "../../src/chain/refused/failed-actions.ts";
import { FAILED_KINDS, type FailedKindName } from "../../src/chain/refused/failed-kinds.ts";
import { HeldActions } from "../../src/chain/refused/held-actions.ts";
import type { Actor } from "../../src/foundation/http/roles.ts";
import type { Queues } from "../../src/jobs/queues.ts";
import { REPLACEMENT_STANDS_MS } from "../../src/operations/console/limits.ts";
import { standingReplacements } from "../../src/operations/console/read/waiting/standing-replacements.ts";
import { WorkReader } from "../../src/operations/console/read/work.ts";
import { RecordProbe } from "../../src/operations/readiness/probes/record-probe.ts";
import { QuietHarness } from "../harness/quiet/quiet-harness.ts";

const HOUR_MS = 3_600_000;

let harness: QuietHarness;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());

const actorOf = (role: Actor["role"]) => ({ name: "ada", role }) as Actor;
const held = () => new HeldActions(harness.db, harness.clock);

/** An action of a kind that ended without effect. */
async function failed(kind: ActionKind, key = `${kind}:${toHex(randomBytes(20))}`): Promise<string> {
  harness.nowMs += 1_000;
  const account = harness.actions.treasury;
  const target = Buffer.alloc(20, 1);
  const plan = { key, kind, target, data: new Uint8Array(4), ...(kind.startsWith("sweep") ? { account } : {}) };
  const id = await harness.db.transaction().execute((trx) => harness.actions.plan(trx, plan));
  const ended = { state: "failed", failure: "SIMULATION: no", changed_at: new Date(harness.nowMs) } as const;
  await harness.db.updateTable("chain_actions").set(ended).where("id", "=", id).execute();
  return id;
}

const listed = async (id: string) => (await failedActions(harness.db, 1_000)).find((action) => action.id === id);
const isLeft = async (id: string): Promise<boolean> => (await listed(id)) !== undefined;

/** A replacement that is under way; answers the lost card. */
async function replacement(): Promise<Uint8Array> {
  const [card, successor] = [await harness.card(), await harness.card()];
  const at = new Date(harness.nowMs);
  await harness.db
    .insertInto("replacements")
    .values({
      ...{ card: card.address, successor: successor.address, reason: "lost", requested_by: "ada", role: "issuer" },
      ...{ station: null, advance_units: 5n, next_look_at: at, created_at: at },
    })
    .execute();
  return card.address;
}

/** How what an action was for is given, and how that ends; kinds that are over from the beginning are not here. */
const LIVES: Readonly<Partial<Record<FailedKindName, () => Promise<readonly [string, () => Promise<unknown>]>>>> = {
  open: async () => {
    const card = await harness.card({ opened_block: null });
    const end = () =>
      harness.db.updateTable("cards").set({ opened_block: 7n }).where("card", "=", card.address).execute();
    return [await failed("open", `open:${toHex(card.address)}`), end];
  },
  withdraw: async () => {
    const payee = randomBytes(20);
    const pay = async (action: string) =>
      harness.db
        .insertInto("payouts")
        .values({ id: randomUUID(), payee, action_id: action, created_at: new Date(harness.nowMs) })
        .execute();
    const id = await failed("withdraw");
    await pay(id);
    const end = async () => {
      const later = await failed("withdraw");
      await pay(later);
      await harness.db.updateTable("chain_actions").set({ state: "final" }).where("id", "=", later).execute();
    };
    return [id, end];
  },
  convict: async () => {
    const card = await harness.card();
    const end = () =>
      harness.db
        .insertInto("chain_events")
        .values({
          ...{ block_number: 9n, log_index: 1, block_hash: Buffer.alloc(32), transaction_hash: Buffer.alloc(32) },
          ...{ final: true, kind: "equivocationProved", payee: null, units: null, detail: "{}", card: card.address },
        })
        .execute();
    return [await failed("convict", `convict:${toHex(card.address)}`), end];
  },
  "request-withdrawal": async () => {
    const card = await replacement();
    const id = await failed("request-withdrawal", `request-withdrawal:${toHex(card)}:1`);
    return [id, () => failed("request-withdrawal", `request-withdrawal:${toHex(card)}:2`)];
  },
  "withdraw-card": async () => {
    const card = await replacement();
    const id = await failed("withdraw-card", `withdraw-card:${toHex(card)}:77`);
    const done = { done_at: new Date(harness.nowMs) };
    return [id, () => harness.db.updateTable("replacements").set(done).where("card", "=", card).execute()];
  },
  "first-unit": async () => {
    const [id, payee] = [await failed("first-unit"), randomBytes(20)];
    const at = new Date(harness.nowMs);
    await harness.db.insertInto("first_units").values({ payee, action_id: id, sent_at: at }).execute();
    const end = { confirmed_at: at, confirmed_by: "ada", reason: "it came" };
    return [id, () => harness.db.updateTable("first_units").set(end).where("payee", "=", payee).execute()];
  },
  "sweep-tokens": async () => [await failed("sweep-tokens"), () => failed("sweep-tokens")],
  "sweep-coin": async () => [await failed("sweep-coin"), () => failed("sweep-coin")],
};

describe("failed actions", () => {
  it.each(Object.entries(LIVES))("%s: stands while something is left to do, and ends with it", async (kind, begin) => {
    const [id, end] = await begin();
    expect(await listed(id)).toMatchObject({
      kind,
      state: "failed",
      again: FAILED_KINDS[kind as FailedKindName].byItself,
    });
    await end();
    expect(await isLeft(id)).toBe(false);
  });

  it("are over from the beginning where a batch or a voucher goes on without them", async () => {
    for (const id of [
      await failed("settle"),
      await failed("advance"),
      await failed("compensate"),
      await failed("fund", `deposit:${toHex(randomBytes(32))}:0`),
    ])
      expect(await isLeft(id)).toBe(false);
  });

  it.each(Object.keys(FAILED_KINDS) as readonly FailedKindName[])(
    "%s: is tried again and set aside by those roles alone that may, and by nobody where it is decided elsewhere",
    async (kind) => {
      const { retry, setAside } = FAILED_KINDS[kind];
      const begun = await LIVES[kind]?.();
      const id = begun?.[0] ?? (await (kind === "deposit" ? failed("fund", `deposit:${randomUUID()}`) : failed(kind)));
      const asked = { kind: "action", id, reason: "a test" } as const;
      const admin = actorOf("admin");
      if (setAside === null)
        await expect(held().abandon({ ...asked, actor: admin })).rejects.toMatchObject({ code: "DECIDED_ELSEWHERE" });
      else {
        await expect(held().abandon({ ...asked, actor: actorOf("viewer") })).rejects.toMatchObject({
          code: "FORBIDDEN",
        });
        await held().abandon({ ...asked, actor: admin });
        expect(await isLeft(id)).toBe(false);
      }
      if (retry === null)
        await expect(held().retry({ ...asked, actor: admin })).rejects.toMatchObject({ code: "DECIDED_ELSEWHERE" });
      else {
        await expect(held().retry({ ...asked, actor: actorOf("viewer") })).rejects.toMatchObject({ code: "FORBIDDEN" });
        expect(await held().retry({ ...asked, actor: admin })).toMatchObject({ state: "planned" });
        expect(await isLeft(id)).toBe(false);
      }
    },
  );

  it("are counted by kind and reason with their money, those last that are tried again by themselves", async () => {
    const waiting = await failed("approve");
    const retried = { state: "refused", retry_at: new Date(harness.nowMs) } as const;
    await harness.db.updateTable("chain_actions").set(retried).where("id", "=", waiting).execute();
    const units = await failed("first-unit");
    const groups = await failedGroups(harness.db, 100);
    expect(groups.at(-1)?.again).toBe(true);
    expect(groups.find(({ again }) => again)).toBeDefined();
    const found = groups.find(({ kind, again }) => kind === "first-unit" && !again);
    expect(found).toMatchObject({ failure: "SIMULATION" });
    expect(found?.units).toBe(BigInt(found?.count ?? 0));
    expect((await listed(units))?.units).toBe(1n);
  });

  it("are listed by reason with what is left to do, and those that are over as such", async () => {
    const [open, over] = [await failed("approve"), await failed("settle")];
    const queues = { counts: () => Promise.resolve({}) } as unknown as Queues;
    const { failures } = await new WorkReader(harness.db, queues, harness.config.asset).read();
    const actions = failures.flatMap((group) => group.actions);
    expect(actions.find(({ id }) => id === open)).toMatchObject({ kind: "approve", over: false, abandoned: false });
    expect(actions.find(({ id }) => id === over)).toMatchObject({ kind: "settle", over: true });
  });

  it("of a replacement need not be there for it to stand: nothing was asked back, or nothing is given on", async () => {
    await harness.db
      .updateTable("replacements")
      .set({ done_at: new Date(harness.nowMs) })
      .execute();
    const card = await replacement();
    const change = (set: { requests?: number; withdrawn_units?: bigint; done_at?: Date }) =>
      harness.db.updateTable("replacements").set(set).where("card", "=", card).execute();
    const at = (ms: number) => standingReplacements(harness.db, harness.nowMs + ms);
    expect(await at(REPLACEMENT_STANDS_MS)).toBeNull();
    expect(await at(REPLACEMENT_STANDS_MS + 1)).toMatchObject({ count: 1, units: 5n, card: toHex(card) });
    await change({ requests: 1 });
    expect(await at(REPLACEMENT_STANDS_MS + 1)).toBeNull();
    await change({ withdrawn_units: 12n });
    expect(await at(REPLACEMENT_STANDS_MS + 1)).toMatchObject({ count: 1, units: 7n });
    await change({ done_at: new Date(harness.nowMs) });
    expect(await at(REPLACEMENT_STANDS_MS + 1)).toBeNull();
  });
});

it("are an alarm after an hour, until what they were for has ended, also while they are tried again", async () => {
  const probe = new RecordProbe(harness.db, harness.clock.now);
  const look = async () => (await probe.look()).find(({ code }) => code === "ACTIONS_FAILED");
  await harness.db
    .updateTable("chain_actions")
    .set({ abandoned_at: new Date(harness.nowMs) })
    .execute();
  const id = await failed("convict");
  const begun = harness.nowMs;
  const patch = (change: Record<string, unknown>) =>
    harness.db.updateTable("chain_actions").set(change).where("id", "=", id).execute();
  await patch({ failed_since: new Date(begun) });
  harness.nowMs = begun + HOUR_MS - 1;
  expect(await look()).toBeUndefined();
  harness.nowMs = begun + HOUR_MS;
  expect(await look()).toMatchObject({ level: "warning", since: new Date(begun + HOUR_MS) });
  // It was tried again at this very moment.
  await patch({ state: "planned", refusals: 1, changed_at: new Date(harness.nowMs) });
  expect(await look()).toMatchObject({ since: new Date(begun + HOUR_MS), renewed: new Date(begun + HOUR_MS) });
  await patch({ state: "mined", failed_since: null });
  expect(await look()).toBeUndefined();
});
