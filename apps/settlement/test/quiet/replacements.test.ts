import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { Logger } from "@nestjs/common";
import { cardStatuses, toHex } from "@tallystick/protocol";
import { Approvals } from "../../src/books/approvals/approvals.ts";
import { HeldActions } from "../../src/chain/refused/held-actions.ts";
import { Allowances } from "../../src/issuing/allowances/allowances.ts";
import { CardBounds } from "../../src/issuing/allowances/card-bounds.ts";
import { CardRegister, openingKey } from "../../src/issuing/cards/card-register.ts";
import { Fundings } from "../../src/issuing/cards/fundings.ts";
import { Mailbox } from "../../src/issuing/mailbox/mailbox.ts";
import { ReplacementDeposits } from "../../src/issuing/replacements/replacement-deposits.ts";
import { ReplacementRuns } from "../../src/issuing/replacements/replacement-runs.ts";
import { ReplacementViews } from "../../src/issuing/replacements/replacement-views.ts";
import { Replacements } from "../../src/issuing/replacements/replacements.ts";
import { CaseWatch } from "../../src/operations/cases/case-watch.ts";
import { standingReplacements } from "../../src/operations/console/read/waiting/standing-replacements.ts";
import { countDeposit, countWithdrawal } from "../../src/vouchers/chain-events/card-rows.ts";
import type { EventContext } from "../../src/vouchers/chain-events/event-context.ts";
import { NOW, QuietHarness, refuses } from "../harness/quiet/quiet-harness.ts";
import type { TestCard } from "../harness/test-card.ts";

const HOUR_MS = 3_600_000;
const [BALANCE, REACHED] = [100_000n, 20_000n];
const ida = { role: "issuer", name: "ida" } as const;
const uma = { role: "issuer", name: "uma" } as const;

let harness: QuietHarness;
let lost: TestCard;
let successor: TestCard;

beforeAll(async () => {
  jest.spyOn(Logger.prototype, "warn").mockReturnValue();
  jest.spyOn(Logger.prototype, "log").mockReturnValue();
  harness = await QuietHarness.open();
});
afterAll(async () => {
  jest.restoreAllMocks();
  await harness.close();
});
beforeEach(async () => {
  harness.nowMs = NOW * 1_000;
  harness.chain.finalized = 10n;
  await harness.takenIn(10n);
  await harness.db
    .updateTable("replacements")
    .set({ next_look_at: new Date("9999-01-01") })
    .execute();
  [lost, successor] = [await newCard(REACHED), await newCard(0n)];
  harness.chain.show(lost.address, { balance: BALANCE });
});

async function newCard(maxSpent: bigint): Promise<TestCard> {
  const card = await harness.card({ owner: harness.actions.treasury }, { maxSpent, softSpent: maxSpent });
  const opening = {
    key: openingKey(card.address),
    kind: "open",
    target: new Uint8Array(20),
    data: new Uint8Array(),
  } as const;
  await harness.db.transaction().execute((trx) => harness.actions.plan(trx, opening));
  return card;
}

/** The parts, where a second person is needed above a sum; above none where it is left out. */
function partsOf(above?: string) {
  const { db, actions, contract, domain, clock, issuer, postings } = harness;
  const config = { ...harness.config, approvals: { ...(above === undefined ? {} : { above }), hours: 24 } };
  const approvals = new Approvals(db, clock, config);
  const register = new CardRegister(db, actions, contract, domain, clock);
  const held = new HeldActions(db, clock);
  const fundings = new Fundings(db, register, actions, held, approvals, contract, clock);
  const bounds = new CardBounds(db, harness.chain.rpc(), contract);
  const mailbox = new Mailbox(db, domain, config);
  const allowances = new Allowances(db, register, fundings, bounds, mailbox, issuer, domain, clock, config);
  const deposits = new ReplacementDeposits(db, fundings, approvals, postings, clock);
  const runs = new ReplacementRuns(db, deposits, bounds, actions, contract, clock);
  const views = new ReplacementViews(db, approvals, clock, config.asset);
  const signers = { treasury: { address: actions.treasury }, gas: null, guarantee: null, former: [] } as never;
  const replacements = new Replacements(
    ...([db, allowances, runs, deposits, views, contract, signers, clock, config, config.asset] as const),
  );
  return { approvals, deposits, fundings, held, runs, replacements, views };
}

const request = (above?: string) =>
  partsOf(above).replacements.request({ card: lost.address, successor: successor.address, reason: "taxi" }, ida);

/** The next look, at once. */
async function sweep(above?: string): Promise<void> {
  const due = { next_look_at: new Date(0) };
  await harness.db.updateTable("replacements").set(due).where("card", "=", lost.address).execute();
  await partsOf(above).runs.sweep();
}

const view = async (card = lost) => {
  const found = await partsOf().views.find(card.address);
  if (found === null) throw new Error("no card replaces it");
  return found;
};

/** What another person does about what waits under this id. */
async function approve(id: string | null): Promise<void> {
  const { approvals, fundings } = partsOf("0.00");
  const { subject, units, request: asked } = await approvals.find(id ?? "");
  const funding = { card: subject, amount: units, key: asked["key"] ?? "", reason: "seen" };
  await fundings.plan(funding, uma, id);
}
const refuse = (id: string | null) => partsOf().approvals.refuse(id ?? "", "No.", uma);

/** Events of the card were taken in. */
const events = (work: (context: EventContext) => Promise<void>) =>
  harness.db.transaction().execute(async (trx) => {
    const { postings } = harness;
    await work({ trx, postings, now: new Date(harness.nowMs) } as never);
  });

/** What became of requests and withdrawals of the lost card that are planned. */
const planned = (change: Record<string, unknown>, kinds = ["request-withdrawal", "withdraw-card"]) =>
  harness.db
    .updateTable("chain_actions")
    .set(change)
    .where("kind", "in", kinds)
    .where("key", "like", `%${toHex(lost.address)}%`)
    .where("state", "=", "planned")
    .execute();

/** What the vault pays back is final, and so is the request of it. */
const withdrawn = async (units: bigint, card = lost): Promise<void> => {
  await planned({ state: "final", mined_block: 10n });
  await events((context) => countWithdrawal(context, card.address, units));
  harness.chain.show(card.address, {});
};

const actionsOf = (card: TestCard) =>
  harness.db
    .selectFrom("chain_actions")
    .select("kind")
    .where("key", "like", `%${toHex(card.address)}%`)
    .execute();

/** Deposits of a replacement, of its card, in the order in which they were planned. */
const given = (card = successor) =>
  harness.db
    .selectFrom("fundings")
    .innerJoin("chain_actions", "chain_actions.id", "action_id")
    .select(["fundings.id", "amount_units as units", "action_id", "abandoned_at"])
    .where("card", "=", card.address)
    .orderBy("fundings.created_at")
    .execute();
const sums = async (card = successor) =>
  (await given(card)).filter(({ abandoned_at }) => abandoned_at === null).map(({ units }) => units);

async function settled(state: "final" | "refused"): Promise<void> {
  for (const { action_id } of await given())
    await harness.db.updateTable("chain_actions").set({ state }).where("id", "=", action_id).execute();
}

const advances = async (): Promise<bigint> => (await harness.postings.totals()).advances;

describe("an advance that needs a second person", () => {
  it("keeps neither the answer nor the withdrawal of the lost card, and is no receivable before it is given", async () => {
    const before = await advances();
    const answer = await request("0.05");
    expect(answer).toMatchObject({ advance: "0.08", advanceState: "waiting", state: "waiting", restState: "none" });
    expect(await actionsOf(lost)).toContainEqual({ kind: "request-withdrawal" });
    expect([await sums(), (await advances()) - before]).toEqual([[], 0n]);
    await approve(answer.advanceApproval);
    await sweep("0.05");
    expect(await view()).toMatchObject({ advanceState: "given", advanceApproval: null, state: "waiting" });
    expect([await sums(), (await advances()) - before]).toEqual([[80_000n], 80_000n]);
    // The rest waits until the advance cannot come to nothing any more.
    await withdrawn(BALANCE);
    await sweep("0.05");
    expect([(await view()).state, (await advances()) - before]).toEqual(["withdrawn", 0n]);
    await settled("final");
    await sweep("0.05");
    expect([(await view()).state, await sums()]).toEqual(["done", [80_000n, 20_000n]]);
  });

  const approvalOf = async () => (await view()).advanceApproval;
  it.each<[string, string, () => Promise<unknown>]>([
    ["is refused", "REFUSED", async () => await refuse(await approvalOf())],
    [
      "is refused, whatever sum is named since,",
      "REFUSED",
      async () => [await refuse(await approvalOf()), await sweep()],
    ],
    ["is not decided in time", "ENDED", () => Promise.resolve((harness.nowMs += 24 * HOUR_MS))],
    ["waits when the withdrawal is through", "LATE", () => withdrawn(BALANCE)],
    [
      "is for a card that was revoked since",
      "SUCCESSOR",
      () =>
        harness.db
          .updateTable("cards")
          .set({ status: cardStatuses.revoked })
          .where("card", "=", successor.address)
          .execute(),
    ],
  ])(
    "that %s is dropped (%s): it cannot be approved any more, and all that comes is the rest",
    async (_, why, happens) => {
      const { advanceApproval } = await request("0.05");
      const before = await advances();
      await happens();
      await sweep("0.05");
      await sweep("0.05");
      expect(await view()).toMatchObject({ advanceState: "dropped", advanceDropped: why, advanceFunding: null });
      await refuses(approve(advanceApproval), why === "SUCCESSOR" ? "CARD_REVOKED" : "APPROVAL_OVER");
      if (why !== "LATE") await withdrawn(BALANCE);
      await sweep();
      const end = why === "SUCCESSOR" ? ["withdrawn", []] : ["done", [BALANCE]];
      expect([(await view()).state, await sums(), await advances()]).toEqual([...end, before]);
    },
  );

  it("that a person abandons comes with the rest, and is not tried again beside it", async () => {
    const before = await advances();
    await request();
    const [{ id } = { id: "" }] = await given();
    const { held } = partsOf();
    const decision = { kind: "funding", id, reason: "so", actor: ida } as const;
    await held.abandon(decision);
    // Until the money is back a person may still change that.
    expect((await held.retry(decision)).reason).toBeNull();
    await held.abandon(decision);
    await withdrawn(BALANCE);
    await sweep();
    expect(await view()).toMatchObject({ advanceDropped: "ABANDONED", restState: "given", state: "done" });
    await held.retry(decision);
    expect([await sums(), await advances()]).toEqual([[BALANCE], before]);
  });

  it("is given without one where the sum was raised since, and once", async () => {
    const { advanceApproval } = await request("0.05");
    await sweep();
    expect([(await view()).advanceState, await sums()]).toEqual(["given", [80_000n]]);
    await approve(advanceApproval);
    await refuses(refuse(advanceApproval), "APPROVAL_OVER");
    expect(await sums()).toEqual([80_000n]);
  });

  it("that was a receivable since the replacement, as it once was, is none any more when it is refused", async () => {
    const before = await advances();
    const { advanceApproval } = await request("0.05");
    await harness.db.transaction().execute((trx) => harness.postings.advanced(trx, lost.address, 80_000n));
    await refuse(advanceApproval);
    await sweep("0.05");
    expect(await advances()).toBe(before);
  });
});

describe("a rest that needs a second person", () => {
  const toRest = async (): Promise<string | null> => {
    await request();
    await settled("final");
    await withdrawn(BALANCE);
    await sweep("0.01");
    const { restApproval, restState, state } = await view();
    expect([restState, state]).toEqual(["waiting", "withdrawn"]);
    return restApproval;
  };
  const openCases = async () => {
    await new CaseWatch(harness.db, harness.config, harness.clock).look();
    return await harness.db
      .selectFrom("cases")
      .select(["kind", "resolved_at as resolved"])
      .where("card", "=", lost.address)
      .orderBy("id")
      .execute();
  };

  it("comes when it is approved, and ends the replacement", async () => {
    await approve(await toRest());
    await sweep("0.01");
    expect(await view()).toMatchObject({ restState: "given", restTo: toHex(successor.address), state: "done" });
    expect(await sums()).toEqual([80_000n, 20_000n]);
  });

  it("is asked for again by settlement where nobody decides in time", async () => {
    const first = await toRest();
    harness.nowMs += 24 * HOUR_MS;
    expect((await view()).restState).toBe("due");
    await sweep("0.01");
    const { restApproval, restState } = await view();
    expect([restState, restApproval === first]).toEqual(["waiting", false]);
  });

  it("that is refused is held, a case, and asked for again by a person, who does not approve it", async () => {
    const first = await toRest();
    const { replacements } = partsOf("0.01");
    await replacements.askForRest(lost.address, "Nothing is held.", uma);
    expect((await view()).restApproval).toBe(first);
    await refuse(first);
    await sweep("0.01");
    await sweep();
    expect(await view()).toMatchObject({ restState: "held", restHeld: "APPROVAL_OVER", restApproval: null });
    expect([await sums(), await openCases()]).toEqual([[80_000n], [{ kind: "REST_HELD", resolved: null }]]);
    const again = await replacements.askForRest(lost.address, "It is right.", uma);
    expect(again).toMatchObject({ restState: "waiting", restHeld: null, requestedBy: "ida" });
    await refuses(approve(again.restApproval), "SECOND_PERSON_NEEDED");
    expect((await openCases()).map(({ resolved }) => resolved !== null)).toEqual([true]);
    const audited = await harness.db.selectFrom("audit_entries").select("entry").execute();
    const asked = audited.filter(({ entry }) => entry.includes('"rest-asked"') && entry.includes(toHex(lost.address)));
    expect(asked).toHaveLength(1);
    // Refused once more it is another case.
    await partsOf().approvals.refuse(again.restApproval ?? "", "No.", ida);
    await sweep("0.01");
    expect((await openCases()).map(({ resolved }) => resolved !== null)).toEqual([true, false]);
    const third = await replacements.askForRest(lost.address, "Ask ben.", ida);
    await approve(third.restApproval);
    await sweep("0.01");
    expect([(await view()).state, await sums()]).toEqual(["done", [80_000n, 20_000n]]);
  });

  it("goes to the card that replaced the successor, and is held where that one gets nothing", async () => {
    const third = await newCard(0n);
    await request();
    await settled("final");
    const { replacements } = partsOf();
    await replacements.request({ card: successor.address, successor: third.address, reason: "lost too" }, ida);
    const revoked = (status: number) =>
      harness.db.updateTable("cards").set({ status }).where("card", "=", third.address).execute();
    await revoked(cardStatuses.revoked);
    await withdrawn(BALANCE);
    await sweep();
    expect(await view()).toMatchObject({ restState: "held", restHeld: "CARD_REVOKED" });
    const fourth = await newCard(0n);
    await replacements.request({ card: third.address, successor: fourth.address, reason: "revoked" }, ida);
    await replacements.askForRest(lost.address, "Another card is there.", ida);
    expect(await view()).toMatchObject({ state: "done", restTo: toHex(fourth.address) });
    expect(await sums(fourth)).toEqual([20_000n]);
  });

  it("comes once, whoever sweeps, approves and refuses at once", async () => {
    const { advanceApproval } = await request("0.01");
    await Promise.allSettled([withdrawn(BALANCE), sweep("0.01"), approve(advanceApproval), sweep("0.01"), sweep()]);
    await settled("final");
    await sweep();
    await settled("final");
    const open = await harness.db.selectFrom("approvals").select("id").where("state", "=", "waiting").execute();
    await Promise.allSettled(open.map(({ id }) => approve(id)));
    await sweep();
    expect((await view()).state).toBe("done");
    expect((await sums()).reduce((sum, units) => sum + units, 0n)).toBe(BALANCE);
  });
});

describe("what comes onto a card that is lost", () => {
  /** A deposit of the issuer's onto the lost card, with an action that is so far. */
  async function deposit(
    action: Record<string, unknown>,
  ): Promise<(change: Record<string, unknown>) => Promise<unknown>> {
    const funding = { card: lost.address, amount: 7n, key: "before-it-was-lost", reason: "a test" };
    const { id } = await partsOf().fundings.plan(funding, ida);
    const change = (to: Record<string, unknown>) =>
      harness.db
        .updateTable("chain_actions")
        .set(to)
        .where("id", "=", (where) => where.selectFrom("fundings").select("action_id").where("id", "=", id))
        .execute();
    await change(action);
    return change;
  }
  /** The withdrawal of what the card held is final in a block, and so is the request of it. */
  async function takenOut(mined_block: bigint): Promise<void> {
    const named = { key: `withdraw-card:${toHex(lost.address)}:1`, kind: "withdraw-card" } as const;
    const call = { target: lost.address, data: new Uint8Array() };
    await harness.db.transaction().execute((trx) => harness.actions.plan(trx, { ...named, ...call }));
    await planned({ state: "final", mined_block });
  }
  const count = async (kind: string) => (await actionsOf(lost)).filter((action) => action.kind === kind).length;
  const asked = () => count("request-withdrawal");
  const state = async () => {
    await sweep();
    return (await view()).state;
  };

  it("is waited for where it is on its way to an empty card, until a final block shows it, and comes back", async () => {
    harness.chain.show(lost.address, {});
    const change = await deposit({ state: "broadcast" });
    await request();
    expect(await state()).toBe("waiting");
    // Final by now, in a block behind the one that is looked at.
    await change({ state: "final", mined_block: 11n });
    expect([await state(), await asked()]).toEqual(["waiting", 0]);
    harness.chain.show(lost.address, { balance: 7n }, 11n);
    harness.chain.finalized = 11n;
    expect([await state(), await asked()]).toEqual(["waiting", 1]);
    await withdrawn(7n);
    expect([await state(), await sums()]).toEqual(["done", [7n]]);
  });

  it.each([
    ["refused", null],
    ["planned", "CARD_STOPPED"],
  ])("is not waited for where its deposit is %s (%s) and never goes out", async (stands, failure) => {
    harness.chain.show(lost.address, {});
    await deposit({ state: stands, failure });
    await request();
    expect(await state()).toBe("done");
  });

  it("is asked back behind what was asked for, keeps nothing of that waiting, and is given on itself", async () => {
    await request();
    await settled("final");
    await withdrawn(BALANCE);
    harness.chain.show(lost.address, { balance: 7n });
    // A withdrawal that this view of the chain may not show yet.
    await takenOut(11n);
    expect([await state(), await sums(), await asked()]).toEqual(["withdrawn", [80_000n, 20_000n], 1]);
    expect(await view()).toMatchObject({ restState: "given", state: "withdrawn" });
    harness.chain.finalized = 11n;
    expect([await state(), await asked()]).toEqual(["withdrawn", 2]);
    await harness.takenIn(11n);
    await withdrawn(7n);
    expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n, 7n]]);
    expect(await view()).toMatchObject({ withdrawn: "0.100007", restState: "given", restTo: toHex(successor.address) });
  });

  it("is taken when what came first is given on, so that each deposit of a rest has one sum", async () => {
    await request();
    await settled("final");
    await withdrawn(BALANCE);
    harness.chain.show(lost.address, { balance: 7n, pending: 7n, readyAt: BigInt(NOW - 1_000) });
    await sweep("0.01");
    expect([(await view()).restState, await count("withdraw-card")]).toEqual(["waiting", 0]);
    await approve((await view()).restApproval);
    await sweep("0.01");
    expect([(await view()).restState, await count("withdraw-card")]).toEqual(["given", 1]);
  });

  it("is not taken for nothing at all while the withdrawal that emptied the card is not in the books", async () => {
    await request();
    await settled("final");
    harness.chain.show(lost.address, {});
    await takenOut(11n);
    harness.chain.finalized = 11n;
    expect(await state()).toBe("waiting");
    await harness.takenIn(11n);
    await withdrawn(BALANCE);
    expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n]]);
  });
});

describe("the end of a replacement", () => {
  const state = async () => {
    await sweep();
    return (await view()).state;
  };
  const row = (change: Record<string, unknown>) =>
    harness.db.updateTable("replacements").set(change).where("card", "=", lost.address).execute();
  const stored = () =>
    harness.db.selectFrom("replacements").selectAll().where("card", "=", lost.address).executeTakeFirstOrThrow();
  const asked = async () => (await actionsOf(lost)).filter(({ kind }) => kind === "request-withdrawal").length;
  /** All that the card held came back and was given on. */
  async function done(): Promise<void> {
    await request();
    await settled("final");
    await withdrawn(BALANCE);
    expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n]]);
  }
  /** As a version that counts no deposits of a rest, and does not look at the card, leaves what it ends. */
  const endedBefore = () => row({ rest_units: 0n, emptied_at: null, done_at: new Date(harness.nowMs) });

  it("waits for the withdrawal that emptied the card where no row tells of it, as in a restored copy", async () => {
    await request();
    await settled("final");
    await planned({ state: "final", mined_block: 10n });
    harness.chain.show(lost.address, {}, 11n);
    harness.chain.finalized = 11n;
    expect(await state()).toBe("waiting");
    await harness.takenIn(11n);
    await withdrawn(BALANCE);
    expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n]]);
  });

  it.each(["request-withdrawal", "withdraw-card"] as const)(
    "waits until the events of each %s were compared, which a node may have withheld",
    async (kind) => {
      await request();
      await settled("final");
      const named = { key: `withdraw-card:${toHex(lost.address)}:1`, kind: "withdraw-card" } as const;
      const call = { target: lost.address, data: new Uint8Array() };
      await harness.db.transaction().execute((trx) => harness.actions.plan(trx, { ...named, ...call }));
      const final = { state: "final", mined_block: 10n, mined_hash: new Uint8Array(32) };
      await planned(final, [kind]);
      await planned({ ...final, events_checked: true });
      harness.chain.show(lost.address, {});
      expect(await state()).toBe("waiting");
      await withdrawn(BALANCE);
      expect(await state()).toBe("withdrawn");
      await harness.db.updateTable("chain_actions").set({ events_checked: true }).where("kind", "=", kind).execute();
      expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n]]);
    },
  );

  it("waits for a request that is under way, whatever a node shows of the card, and for none that was refused", async () => {
    await request();
    await settled("final");
    harness.chain.show(lost.address, {});
    for (const change of [{ state: "planned" }, { state: "final", mined_block: 11n }]) {
      await planned(change);
      expect(await state()).toBe("waiting");
    }
    const refused = { state: "refused", mined_block: null };
    await harness.db.updateTable("chain_actions").set(refused).where("kind", "=", "request-withdrawal").execute();
    // What this view of the card is older than may have changed it.
    await partsOf().deposits.endEmpty(await stored(), { final: 10n, taken: 9n });
    expect((await view()).state).toBe("waiting");
    expect(await state()).toBe("done");
  });

  it("is not for good: what comes back later is given on, and once", async () => {
    await done();
    await withdrawn(7n);
    expect((await view()).state).toBe("withdrawn");
    expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n, 7n]]);
    await withdrawn(0n);
    expect([(await view()).state, await state(), await sums()]).toEqual(["done", "done", [80_000n, 20_000n, 7n]]);
  });

  it("is not for good: what is deposited or refunded later is asked back and given on", async () => {
    await done();
    await events((context) => countDeposit(context, lost.address, 0n));
    expect((await view()).state).toBe("done");
    harness.chain.show(lost.address, { balance: 7n });
    await events((context) => countDeposit(context, lost.address, 7n));
    expect([await state(), await asked()]).toEqual(["withdrawn", 2]);
    await withdrawn(7n);
    expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n, 7n]]);
  });

  it("by a version that counted no deposits gives nothing twice where more comes back", async () => {
    await done();
    await endedBefore();
    await withdrawn(7n);
    expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n, 7n]]);
    // Also the older one that runs beside this names the first deposit again.
    const [, first] = await given();
    await endedBefore();
    await row({ rest_funding: first?.id });
    await withdrawn(5n);
    expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n, 7n, 5n]]);
    expect((await stored()).rest_units).toBe(20_012n);
  });

  it("by a version that did not look at the card is seen once more: what is on it comes back", async () => {
    await done();
    await endedBefore();
    harness.chain.show(lost.address, { balance: 7n });
    expect([await state(), await asked()]).toEqual(["withdrawn", 2]);
    await withdrawn(7n);
    expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n, 7n]]);
  });

  it("by a version that did not look stays as it was where the card is empty and all is given on", async () => {
    await done();
    await endedBefore();
    const { done_at: at } = await stored();
    harness.nowMs += 1_000;
    expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n]]);
    expect(await stored()).toMatchObject({ done_at: at, emptied_at: new Date(harness.nowMs), rest_units: 20_000n });
    // What came back and was not given on is, though.
    await endedBefore();
    await row({ withdrawn_units: BALANCE + 7n });
    await sweep();
    expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n, 7n]]);
  });

  it("ends the advance too: one that nobody planned is not given when money comes later", async () => {
    await done();
    await row({ advance_units: 80_001n, advance_funding: null, withdrawn_units: null, rest_units: 100_000n });
    harness.chain.show(lost.address, { balance: 7n });
    await events((context) => countDeposit(context, lost.address, 7n));
    await sweep();
    expect([(await view()).advanceDropped, await sums()]).toEqual(["LATE", [80_000n, 20_000n]]);
  });

  it("keeps an advance that was approved as it ended: what comes later is given less it", async () => {
    await request();
    await settled("final");
    await row({ advance_funding: null });
    await planned({ state: "refused" });
    harness.chain.show(lost.address, {});
    await partsOf().deposits.endEmpty(await stored(), { final: 10n, taken: 10n });
    const [advance] = await given();
    expect(await stored()).toMatchObject({ advance_funding: advance?.id, emptied_at: new Date(harness.nowMs) });
    await withdrawn(BALANCE);
    expect([await state(), await sums()]).toEqual(["done", [80_000n, 20_000n]]);
  });

  it("by a version that did not look is looked at behind what is not at its end, however long it is due", async () => {
    await done();
    await endedBefore();
    await row({ next_look_at: new Date(0) });
    const ended = lost;
    [lost, successor] = [await newCard(REACHED), await newCard(0n)];
    harness.chain.show(lost.address, { balance: BALANCE });
    await request();
    await row({ next_look_at: new Date(1) });
    const { runs } = partsOf();
    const looked = jest.spyOn(runs, "advance").mockResolvedValue();
    await runs.sweep();
    expect(looked.mock.calls.map(([card]) => toHex(card))).toEqual([lost, ended].map(({ address }) => toHex(address)));
  });

  it("that stands out has all that came where its advance was dropped, and never less than nothing", async () => {
    await request();
    await settled("final");
    await withdrawn(BALANCE);
    const standing = async (change: Record<string, unknown>) => {
      await row({ ...change, next_look_at: new Date(0) });
      return (await standingReplacements(harness.db, harness.nowMs + 24 * HOUR_MS))?.units ?? 0n;
    };
    const nothing = await standing({ withdrawn_units: 80_000n });
    expect((await standing({ withdrawn_units: BALANCE })) - nothing).toBe(20_000n);
    expect((await standing({ withdrawn_units: 79_999n })) - nothing).toBe(0n);
    expect((await standing({ withdrawn_units: BALANCE, advance_dropped: "ABANDONED" })) - nothing).toBe(BALANCE);
  });
});
