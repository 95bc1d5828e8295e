import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { Logger } from "@nestjs/common";
import {
  cardStatuses,
  cardTag,
  decodeAllowanceBody,
  digestOf,
  encodeAllowance,
  MAX_MAILBOX_ENTRIES,
  toHex,
  verifyDigest,
} from "@tallystick/protocol";
import type { CardSlot } from "@tallystick/vault";
import type { Config } from "../../src/foundation/config/config.ts";
import { HeldActions } from "../../src/chain/refused/held-actions.ts";
import { Allowances } from "../../src/issuing/allowances/allowances.ts";
import { CardBounds } from "../../src/issuing/allowances/card-bounds.ts";
import { CardRegister } from "../../src/issuing/cards/card-register.ts";
import { CardStatuses } from "../../src/issuing/cards/card-statuses.ts";
import { Fundings } from "../../src/issuing/cards/fundings.ts";
import { Approvals } from "../../src/books/approvals/approvals.ts";
import { Mailbox } from "../../src/issuing/mailbox/mailbox.ts";
import { AllowancePolicy } from "../../src/issuing/policy/allowance-policy.ts";
import { CardLimits } from "../../src/issuing/policy/card-limits.ts";
import { auditedEntry } from "../harness/people/audit.ts";
import { NOW, QuietHarness, refuses } from "../harness/quiet/quiet-harness.ts";
import { send, statuses } from "../harness/quiet/quiet-intake.ts";
import type { TestCard } from "../harness/test-card.ts";

const DAY_MS = 86_400_000;
const START = new Uint8Array(16);
const actor = { role: "issuer", name: "ada" } as const;

let harness: QuietHarness;
let card: TestCard;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  harness.nowMs = NOW * 1_000;
  harness.chain.finalized = 10n;
  harness.chain.latest = 12n;
  card = await harness.card({}, { maxSpent: 100n, softSpent: 100n });
  show({ balance: 100n });
});

function partsOf(change: Partial<Config> = {}) {
  const { db, actions, contract, domain, clock, issuer } = harness;
  const config = { ...harness.config, ...change };
  const register = new CardRegister(db, actions, contract, domain, clock);
  const approvals = new Approvals(db, clock, config);
  const fundings = new Fundings(db, register, actions, new HeldActions(db, clock), approvals, contract, clock);
  const mailbox = new Mailbox(db, domain, config);
  const bounds = new CardBounds(db, harness.chain.rpc(), contract);
  const allowances = new Allowances(db, register, fundings, bounds, mailbox, issuer, domain, clock, config);
  const policy = new AllowancePolicy(db, allowances, mailbox, fundings, clock, config);
  return {
    mailbox,
    allowances,
    policy,
    limits: new CardLimits(db, allowances, new CardStatuses(db, clock), clock, config),
  };
}
const show = (slot: Partial<CardSlot>, of = card) => harness.chain.show(of.address, slot, 0n);
const setCard = (change: object, of = card) =>
  harness.db.updateTable("cards").set(change).where("card", "=", of.address).execute();
const tagOf = (of: TestCard) => cardTag(harness.domain, of.signer.publicKey);
const newest = async () => decodeAllowanceBody((await partsOf().allowances.latest(card.address)).body);
const renew = async (change: Partial<Config> = {}) => {
  await setCard({ renewal_due: true });
  await partsOf(change).policy.renew(card.address);
};
const waiting = async (shown = 1) => (await partsOf().mailbox.ofCard(tagOf(card), shown)).entries;
const reset = (noPinResetDays: number): Partial<Config> => ({
  allowancePolicy: { everySeconds: 0, noPinResetDays },
});

describe("an allowance by policy", () => {
  it("is signed for the card, and waits in the mailbox until the card shows it", async () => {
    show({ balance: 120n });
    await renew();
    const [entry] = await waiting();
    expect(entry?.body).toMatchObject({ seq: 2, maxSpent: 120n, softSpent: 120n });
    if (entry === undefined) throw new Error("nothing waits");
    const bytes = encodeAllowance({ domain: harness.domain, card: card.address, body: entry.body });
    expect(verifyDigest(entry.signature, digestOf(bytes), harness.issuer.publicKey)).toBe(true);
    expect(await waiting(2)).toEqual([]);
    card.allowance = entry;
    const terminal = await harness.terminal();
    await send(harness, terminal, { vouchers: [await harness.pay(card, terminal, 5n)] });
    const { mailbox } = partsOf();
    expect((await mailbox.ofCard(tagOf(card), 1)).entries).toEqual([]);
    await mailbox.tidy([card.address]);
    const left = await harness.db
      .selectFrom("mailbox_entries")
      .select("seq")
      .where("card", "=", card.address)
      .execute();
    expect(left).toEqual([]);
  });

  it("comes once a day, however often somebody deposits dust, and then holds all of it", async () => {
    for (const balance of [101n, 102n, 103n]) {
      show({ balance });
      await renew();
    }
    expect(await newest()).toMatchObject({ seq: 2, maxSpent: 101n });
    expect(await harness.cardRow(card)).toMatchObject({
      renewal_due: true,
      renew_after: new Date(harness.nowMs + DAY_MS),
    });
    harness.nowMs += DAY_MS;
    await partsOf().policy.renew(card.address);
    expect(await newest()).toMatchObject({ seq: 3, maxSpent: 103n });
    expect(await harness.cardRow(card)).toMatchObject({ renewal_due: false, renew_after: null });
  });

  it("never starts the no-PIN sums anew because of a deposit, and no two starts can be hoarded", async () => {
    harness.nowMs += 31 * DAY_MS;
    await renew(reset(30));
    expect(await newest()).toMatchObject({ seq: 2, flags: 8 });
    // The card is kept away; dust comes, and another period passes.
    for (const [days, balance] of [
      [0, 110n],
      [31, 120n],
      [31, 130n],
    ] as const) {
      harness.nowMs += days * DAY_MS;
      show({ balance });
      await renew(reset(30));
    }
    expect(await newest()).toMatchObject({ seq: 5, flags: 0, maxSpent: 130n });
    await setCard({ shown_seq: 2n });
    await renew(reset(30));
    expect(await newest()).toMatchObject({ seq: 6, flags: 8 });
    await refuses(partsOf().allowances.issue(card.address, await newest(), null), "NO_PIN_RESET");
  });

  it.each([
    ["revoked", { status: cardStatuses.revoked }],
    ["lost", { status: cardStatuses.lost }],
    ["suspended by a person", { status: cardStatuses.suspended }],
    ["flagged by the vault", { flagged: true }],
    ["suspended for a void", { void_suspended: true, rule_suspended: true }],
  ])("does not come to a card that is %s", async (_what, row) => {
    await setCard(row);
    show({ balance: 500n });
    await renew();
    expect((await newest()).seq).toBe(1);
  });

  it("lowers what an owner's withdrawal leaves, so that the card pays again once it shows it", async () => {
    await setCard({ rule_suspended: true });
    show({ balance: 100n, pending: 70n, readyAt: BigInt(harness.nowMs) });
    await renew();
    expect(await newest()).toMatchObject({ seq: 2, maxSpent: 30n });
  });

  it("signs what a lost process had only stored, and does not repeat it", async () => {
    const { allowances, policy } = partsOf();
    await allowances.issue(card.address, { ...(await newest()), maxSpent: 90n, softSpent: 90n }, null);
    await harness.db.updateTable("allowances").set({ signature: null }).where("seq", "=", 2n).execute();
    await harness.db.deleteFrom("mailbox_entries").where("card", "=", card.address).execute();
    await setCard({ renewal_due: true });
    await policy.renew(card.address);
    expect((await waiting()).map(({ body }) => body.seq)).toEqual([2]);
  });

  it("is signed by a look at every card where its process ended, and a suspension above all", async () => {
    const { limits, policy } = partsOf();
    await limits.suspend(card.address, "reported stolen", actor);
    const unsign = harness.db.updateTable("allowances").set({ signature: null }).where("card", "=", card.address);
    await unsign.where("seq", "=", 2n).execute();
    await harness.db.deleteFrom("mailbox_entries").where("card", "=", card.address).execute();
    for (let looks = 0; looks < 5 && (await waiting()).length === 0; looks += 1) await policy.sweep();
    expect((await waiting()).map(({ body }) => [body.seq, body.perTap])).toEqual([[2, 0n]]);
  });

  it("is found due by time, and missing entries are found, in a look at every card", async () => {
    const ending = await harness.card(
      {},
      {
        ...{ maxSpent: 7n, softSpent: 7n, notBefore: 1_000, notAfter: Math.floor(harness.nowMs / 1_000) + 86_400 },
      },
    );
    show({ balance: 7n }, ending);
    const { policy, mailbox } = partsOf();
    await harness.forgetWoken();
    await policy.sweep();
    expect(await harness.woken("allowance")).toContain(Buffer.from(ending.address).toString("hex"));
    expect((await harness.cardRow(ending)).renewal_due).toBe(true);
    expect((await harness.cardRow(card)).renewal_due).toBe(false);
    expect(await mailbox.cardsOf(tagOf(card))).toEqual([Buffer.from(card.address)]);
    expect((await mailbox.ofCard(tagOf(ending), 0)).entries.map(({ body }) => body.seq)).toEqual([1]);
  });
});

describe("the mailbox", () => {
  /** Everything behind a cursor, by pages. */
  async function all(mailbox: Mailbox, cursor: Uint8Array) {
    const entries = [];
    for (let page = await mailbox.page(cursor); ; page = await mailbox.page(page.next)) {
      entries.push(...page.entries);
      if (!page.more) return { entries, next: page.next };
    }
  }
  const isOf = (of: TestCard) => {
    const tag = Buffer.from(tagOf(of)).toString("hex");
    return ({ cardTag: found }: { cardTag: Uint8Array }) => Buffer.from(found).toString("hex") === tag;
  };

  it("gives each entry once behind a cursor, a newer one of a card again, and full pages in turn", async () => {
    const { mailbox, allowances } = partsOf();
    const before = await all(mailbox, START);
    show({ balance: 120n });
    await renew();
    const first = await all(mailbox, before.next);
    expect(first.entries.filter(isOf(card))).toHaveLength(1);
    expect((await all(mailbox, first.next)).entries).toEqual([]);
    await allowances.issue(card.address, { ...(await newest()), maxSpent: 1n, softSpent: 1n }, null);
    expect((await all(mailbox, first.next)).entries.map(({ body }) => body.maxSpent)).toEqual([1n]);
    for (let n = 0; n <= MAX_MAILBOX_ENTRIES; n += 1) {
      const other = await harness.card();
      await mailbox.tidy([other.address]);
    }
    const page = await mailbox.page(first.next);
    expect([page.entries.length, page.more]).toEqual([MAX_MAILBOX_ENTRIES, true]);
    expect((await all(mailbox, first.next)).entries).toHaveLength(MAX_MAILBOX_ENTRIES + 2);
  });

  it("begins again for a cursor that is none of this database", async () => {
    const { mailbox } = partsOf();
    show({ balance: 120n });
    await renew();
    const { next } = await all(mailbox, START);
    for (const cursor of [randomBytes(16), Uint8Array.from(next, (byte, at) => (at === 8 ? 0x7f : byte))])
      expect((await all(mailbox, cursor)).entries.some(isOf(card))).toBe(true);
    const restored = partsOf({ restoreGeneration: 1 }).mailbox;
    expect((await all(restored, next)).entries.some(isOf(card))).toBe(true);
  });

  it("holds nothing for a card that was revoked or lost after its allowance was signed", async () => {
    show({ balance: 120n });
    await renew();
    const { mailbox } = partsOf();
    for (const row of [{ status: cardStatuses.revoked }, { status: cardStatuses.lost }, { flagged: true }]) {
      await setCard({ status: cardStatuses.valid, flagged: false, ...row });
      expect(await waiting()).toEqual([]);
      expect((await all(mailbox, START)).entries.some(isOf(card))).toBe(false);
    }
    await setCard({ status: cardStatuses.suspended, flagged: false });
    expect(await waiting()).toHaveLength(1);
  });

  it("knows nothing of a card that nobody registered", async () => {
    expect(await partsOf().mailbox.ofCard(randomBytes(8), 1)).toMatchObject({ entries: [], more: false });
  });
});

describe("what a person changes of a card in the field", () => {
  const change = (limits: object) =>
    partsOf().limits.change({ card: card.address, limits, reason: "the cardholder asked" }, actor);

  it("is the next allowance, at once and with what rose meanwhile, and is in the audit log", async () => {
    show({ balance: 130n });
    await renew();
    show({ balance: 150n });
    await change({ perTap: 20n, noPinCount: 3 });
    expect(await newest()).toMatchObject({ seq: 3, perTap: 20n, noPinCount: 3, noPinSum: 1_000_000n, maxSpent: 150n });
    const { rows } = await harness.db
      .selectFrom("audit_entries")
      .innerJoin("audit_words", "audit_words.position", "audit_entries.position")
      .select(["entry", "words"])
      .orderBy("audit_entries.position", "desc")
      .limit(2)
      .execute()
      .then((found) => ({ rows: found.map(auditedEntry) }));
    expect(rows.map(([action, who]) => [action, who])).toEqual([
      ["allowance", "ada"],
      ["card-limits", "ada"],
    ]);
    expect(rows[1]?.[4]).toEqual([
      ["perTap", "20"],
      ["noPinCount", "3"],
      ["reason", "the cardholder asked"],
    ]);
    await refuses(change({}), "ALLOWANCE_RANGE");
    await refuses(change({ perTap: 0n }), "ALLOWANCE_RANGE");
  });

  it("is judged by what the card shows: a voucher under the old limit is promised until then", async () => {
    const terminal = await harness.terminal();
    await change({ perTap: 20n });
    const before = await harness.pay(card, terminal, 50n);
    expect(await statuses(send(harness, terminal, { vouchers: [before] }))).toEqual([["new", null]]);
    const [entry] = await waiting();
    if (entry === undefined) throw new Error("nothing waits");
    card.allowance = entry;
    const above = await harness.pay(card, terminal, 21n);
    expect(await statuses(send(harness, terminal, { vouchers: [above] }))).toEqual([["new", "OVER_PER_TAP"]]);
  });

  it("judges a voucher by the stored allowance of its seq where a newer one came with it", async () => {
    const terminal = await harness.terminal();
    const paid = await harness.pay(card, terminal, 50n);
    await change({ perTap: 20n });
    const [entry] = await waiting();
    if (entry === undefined) throw new Error("nothing waits");
    // A ring that is read after the update brings the older payment with the newer allowance.
    const read = { ...paid, allowanceBody: entry.body, allowanceSignature: entry.signature };
    expect(await statuses(send(harness, terminal, { vouchers: [read] }))).toEqual([["new", null]]);
    expect((await harness.cardRow(card)).shown_seq).toBe(1n);
    const forged = { ...read, context: { ...read.context, allowanceSeq: 77 } };
    expect((await statuses(send(harness, terminal, { vouchers: [forged] })))[0]?.[0]).toBe("refused");
  });

  it("suspends on the card itself, last: nothing that waits brings it back but a release", async () => {
    const { limits } = partsOf();
    show({ balance: 120n });
    await renew();
    await limits.suspend(card.address, "reported stolen", actor);
    await limits.suspend(card.address, "reported stolen", actor);
    expect((await waiting()).map(({ body }) => [body.seq, body.perTap])).toEqual([[3, 0n]]);
    expect((await harness.cardRow(card)).status).toBe(cardStatuses.suspended);
    show({ balance: 200n });
    await renew();
    await setCard({ status: cardStatuses.valid });
    await renew();
    expect((await newest()).seq).toBe(3);
    await refuses(change({ perTap: 5n }), "CARD_SUSPENDED");
    await limits.release(card.address, "found again", actor);
    expect((await waiting()).map(({ body }) => [body.seq, body.perTap, body.maxSpent])).toEqual([
      [4, 1_000_000n, 200n],
    ]);
    expect((await harness.cardRow(card)).status).toBe(cardStatuses.valid);
    await setCard({ status: cardStatuses.revoked });
    await refuses(limits.release(card.address, "no", actor), "CARD_REVOKED");
    await refuses(limits.suspend(card.address, "no", actor), "CARD_REVOKED");
  });

  it("tells the log once of each suspension and release: of the list, and of the allowance that stops the card", async () => {
    const { limits } = partsOf();
    const lines = jest.spyOn(Logger.prototype, "log").mockImplementation(() => undefined);
    try {
      await limits.suspend(card.address, "reported stolen", actor);
      await limits.suspend(card.address, "reported stolen", actor);
      await limits.release(card.address, "found again", actor);
      await limits.release(card.address, "found again", actor);
      const name = `suspension: card ${toHex(card.address)}`;
      // Ids and what came of it; never what somebody wrote.
      expect(lines.mock.calls.map(([line]) => String(line))).toEqual([
        ...[`${name} is suspended`, `${name}, allowance 2 stops it`],
        ...[`${name}, allowance 3 lets it pay again`, `${name} is valid`],
      ]);
    } finally {
      lines.mockRestore();
    }
  });
});
