import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { cardStatuses, decodeAllowanceBody, digestOf, encodeAllowance, verifyDigest } from "@tallystick/protocol";
import type { CardSlot } from "@tallystick/vault";
import type { Config } from "../../src/foundation/config/config.ts";
import { LIMITS } from "../../src/foundation/limits/limits.ts";
import { Allowances, type AllowanceTerms } from "../../src/issuing/allowances/allowances.ts";
import { HeldActions } from "../../src/chain/refused/held-actions.ts";
import { Approvals } from "../../src/books/approvals/approvals.ts";
import { Mailbox } from "../../src/issuing/mailbox/mailbox.ts";
import { AllowancePolicy } from "../../src/issuing/policy/allowance-policy.ts";
import { CardBounds } from "../../src/issuing/allowances/card-bounds.ts";
import { CardRegister } from "../../src/issuing/cards/card-register.ts";
import { Fundings } from "../../src/issuing/cards/fundings.ts";
import { NOW, QuietHarness, refuses } from "../harness/quiet/quiet-harness.ts";
import { send } from "../harness/quiet/quiet-intake.ts";
import { TestCard } from "../harness/test-card.ts";

let harness: QuietHarness;
let card: TestCard;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  harness.chain.finalized = 10n;
  harness.chain.latest = 12n;
  card = await harness.card();
});

const bounds = () => new CardBounds(harness.db, harness.chain.rpc(), harness.contract);

function fundingsOf(register: CardRegister): Fundings {
  const { db, actions, contract, clock, config } = harness;
  const approvals = new Approvals(db, clock, config);
  return new Fundings(db, register, actions, new HeldActions(db, clock), approvals, contract, clock);
}

function registerOf(): CardRegister {
  const { db, actions, contract, domain, clock } = harness;
  return new CardRegister(db, actions, contract, domain, clock);
}

function allowancesOf(change: Partial<Config> = {}): Allowances {
  const { db, domain, clock, issuer } = harness;
  const register = registerOf();
  const config = { ...harness.config, ...change };
  const mailbox = new Mailbox(db, domain, config);
  return new Allowances(db, register, fundingsOf(register), bounds(), mailbox, issuer, domain, clock, config);
}

const terms = (change: Partial<AllowanceTerms> = {}): AllowanceTerms => ({
  ...{ perTap: 50n, pinAbove: 40n, noPinSum: 100n, noPinCount: 5, notBefore: NOW, notAfter: NOW + 100 },
  ...{ categories: 7n, flags: 1, maxSpent: null, softSpent: null, ...change },
});
const issue = async (change: Partial<AllowanceTerms> = {}, config: Partial<Config> = {}, to = card) => {
  const signed = await allowancesOf(config).issue(to.address, terms(change), null);
  return { ...signed, read: decodeAllowanceBody(signed.body) };
};
const show = (slot: Partial<CardSlot>, from = 0n) => harness.chain.show(card.address, slot, from);

describe("what an issuer signs", () => {
  it("is what was asked, under its key, for this card", async () => {
    show({ balance: 900n });
    const { body, signature, read } = await issue();
    expect(read).toEqual({
      ...{ issuerKeyId: 1, seq: 2, maxSpent: 900n, softSpent: 900n, maxCounter: harness.config.counterLead },
      ...{ perTap: 50n, pinAbove: 40n, noPinSum: 100n, noPinCount: 5, notBefore: NOW, notAfter: NOW + 100 },
      ...{ cardIndex: (await harness.cardRow(card)).card_index, categories: 7n, flags: 1 },
    });
    const bytes = encodeAllowance({ domain: harness.domain, card: card.address, body: read });
    expect(verifyDigest(signature, digestOf(bytes), harness.issuer.publicKey)).toBe(true);
    const latest = await allowancesOf().latest(card.address);
    expect([Buffer.from(latest.body), Buffer.from(latest.signature)]).toEqual([
      Buffer.from(body),
      Buffer.from(signature),
    ]);
    const stored = await harness.db
      .selectFrom("allowances")
      .selectAll()
      .where("card", "=", card.address)
      .where("seq", "=", 2n)
      .execute();
    expect(stored).toMatchObject([
      { max_spent_units: 900n, max_counter: BigInt(harness.config.counterLead), stored_at: new Date(harness.nowMs) },
    ]);
  });

  it("may be less than the funding rule allows, and not one unit more", async () => {
    show({ balance: 900n });
    expect((await issue({ maxSpent: 900n, softSpent: 900n })).read).toMatchObject({ maxSpent: 900n, softSpent: 900n });
    expect((await issue({ maxSpent: 800n, softSpent: 0n })).read).toMatchObject({ maxSpent: 800n, softSpent: 0n });
    await refuses(issue({ maxSpent: 901n }), "FUNDING_RULE");
    await refuses(issue({ maxSpent: 800n, softSpent: 801n }), "ALLOWANCE_RANGE");
  });

  it("may be nothing where that is asked for, and is not where nothing is there", async () => {
    expect((await issue({ maxSpent: 0n })).read.maxSpent).toBe(0n);
    await refuses(issue(), "FUNDING_RULE");
  });

  it("has a time that does not end before it begins, and no class that every terminal refuses", async () => {
    show({ balance: 1n });
    expect((await issue({ notAfter: NOW })).read.notAfter).toBe(NOW);
    await refuses(issue({ notAfter: NOW - 1 }), "ALLOWANCE_RANGE");
    expect((await issue({ flags: 5 })).read.flags).toBe(5);
    for (const flags of [6, 7]) await refuses(issue({ flags }), "ALLOWANCE_RANGE");
  });

  it("waits for a funding that is on its way, unless a sum is asked for", async () => {
    show({ balance: 5n });
    const actionId = await harness.db.transaction().execute((trx) =>
      harness.actions.plan(trx, {
        key: `fund:${card.counter}:test`,
        kind: "fund",
        target: harness.contract.vault,
        data: Buffer.alloc(4),
      }),
    );
    await harness.db
      .insertInto("fundings")
      .values({
        id: actionId,
        card: card.address,
        amount_units: 5n,
        key: "k",
        action_id: actionId,
        created_at: new Date(),
      })
      .execute();
    await refuses(issue(), "FUNDING_RULE");
    expect((await issue({ maxSpent: 5n })).read.maxSpent).toBe(5n);
    await harness.db.updateTable("chain_actions").set({ state: "final" }).where("id", "=", actionId).execute();
    expect((await issue()).read.maxSpent).toBe(5n);
  });

  it("is nothing for a card that is unknown, revoked or flagged", async () => {
    await refuses(issue({}, {}, new TestCard(harness.domain)), "CARD_UNKNOWN");
    for (const row of [{ status: cardStatuses.revoked }, { flagged: true }]) {
      const bad = await harness.card(row);
      harness.chain.show(bad.address, { balance: 9n });
      await refuses(issue({}, {}, bad), "CARD_REVOKED");
    }
    const suspended = await harness.card({ status: cardStatuses.suspended });
    harness.chain.show(suspended.address, { balance: 9n });
    expect((await issue({}, {}, suspended)).read.maxSpent).toBe(9n);
  });

  it("asks for nothing more while the node has no final block", async () => {
    harness.chain.finalized = null;
    await refuses(issue(), "CHAIN_UNREACHABLE");
    harness.chain.finalized = 10n;
    harness.chain.latest = null;
    await refuses(issue(), "CHAIN_UNREACHABLE");
  });

  it("leads the highest counter on the chain", async () => {
    const busy = await harness.card({ highest_counter: 40n });
    harness.chain.show(busy.address, { balance: 9n });
    expect((await issue({}, { counterLead: 10 }, busy)).read.maxCounter).toBe(50);
  });
});

describe("the sequence of a card's allowances", () => {
  beforeEach(() => show({ balance: 9n }));

  it("is one more than any that is known", async () => {
    expect((await issue()).read.seq).toBe(2);
    expect((await issue()).read.seq).toBe(3);
    await harness.db.updateTable("cards").set({ shown_seq: 7n }).where("card", "=", card.address).execute();
    expect((await issue()).read.seq).toBe(8);
  });

  it("jumps after a restore", async () => {
    expect((await issue({}, { restoreGeneration: 2 })).read.seq).toBe(2 * LIMITS.restoreJump + 1);
    expect((await issue({}, { restoreGeneration: 2 })).read.seq).toBe(2 * LIMITS.restoreJump + 2);
  });

  it("ends with the last number", async () => {
    await harness.db.updateTable("cards").set({ shown_seq: 0xffff_fffen }).where("card", "=", card.address).execute();
    expect((await issue()).read.seq).toBe(0xffff_ffff);
    await refuses(issue(), "ALLOWANCE_RANGE");
  });

  it("names the newest signed one as the latest", async () => {
    await issue();
    const newest = await issue();
    await harness.db
      .insertInto("allowances")
      .values({
        ...{ card: card.address, seq: 99n, body: Buffer.from(newest.body), signature: null },
        ...{ max_spent_units: 1n, max_counter: 1n, stored_at: new Date() },
      })
      .execute();
    expect(Buffer.from((await allowancesOf().latest(card.address)).body)).toEqual(Buffer.from(newest.body));
  });

  it("has no latest of a card that is unknown", async () => {
    await expect(allowancesOf().latest(new TestCard(harness.domain).address)).rejects.toMatchObject({
      code: "CARD_UNKNOWN",
    });
  });
});

describe("the renewal of an allowance", () => {
  const due = async (isDue = true) => {
    await harness.db.updateTable("cards").set({ renewal_due: isDue }).where("card", "=", card.address).execute();
  };
  const newest = async () => decodeAllowanceBody((await allowancesOf().latest(card.address)).body);
  const policy = () => {
    const { db, domain, clock, config } = harness;
    const mailbox = new Mailbox(db, domain, config);
    return new AllowancePolicy(db, allowancesOf(), mailbox, fundingsOf(registerOf()), clock, config);
  };
  const renew = () => policy().renew(card.address);

  it("raises both sums by what came back, keeps the rest, and is due no more", async () => {
    show({ balance: 100n });
    await issue({ maxSpent: 100n, softSpent: 60n });
    show({ balance: 130n });
    await due();
    await renew();
    expect(await newest()).toMatchObject({
      seq: 3,
      maxSpent: 130n,
      softSpent: 90n,
      perTap: 50n,
      noPinCount: 5,
      flags: 1,
    });
    expect((await harness.cardRow(card)).renewal_due).toBe(false);
  });

  it.each([
    ["is not due", false, 130n],
    ["would not raise it", true, 100n],
    ["would lower it", true, 99n],
  ])("does nothing where it %s", async (_what, isDue, balance) => {
    show({ balance: 100n });
    await issue({ maxSpent: 100n, softSpent: 60n });
    show({ balance });
    await due(isDue);
    await renew();
    expect((await newest()).seq).toBe(2);
    expect((await harness.cardRow(card)).renewal_due).toBe(false);
  });

  it("has nothing to raise of a card that was revoked meanwhile", async () => {
    show({ balance: 2_000_000n });
    await due();
    await harness.db
      .updateTable("cards")
      .set({ status: cardStatuses.revoked })
      .where("card", "=", card.address)
      .execute();
    await renew();
    expect((await newest()).seq).toBe(1);
    expect((await harness.cardRow(card)).renewal_due).toBe(false);
  });

  it("stays due where the node does not answer, or is behind what was taken in", async () => {
    await due();
    harness.chain.finalized = null;
    await refuses(renew(), "CHAIN_UNREACHABLE");
    harness.chain.finalized = 10n;
    await harness.takenIn(11n);
    await refuses(renew(), "CHAIN_UNREACHABLE");
    expect((await harness.cardRow(card)).renewal_due).toBe(true);
    await harness.takenIn(10n);
    await renew();
    expect((await harness.cardRow(card)).renewal_due).toBe(false);
  });

  it("does nothing for a card that nobody knows", async () => {
    await policy().renew(Buffer.alloc(20, 1));
  });
});

describe("the bound of a card", () => {
  const bound = async () => {
    const blocks = await bounds().blocks();
    if (blocks === null) throw new Error("The chain has no final block.");
    return bounds().boundOf(card.address, blocks);
  };
  /** Its payments of 10, 20, 30 … came; the vault shows 1,000. */
  async function paid(count: number, change: Parameters<QuietHarness["card"]>[1] = {}) {
    card = await harness.card({}, change);
    show({ balance: 1_000n });
    const terminal = await harness.terminal();
    const sales = [];
    for (let n = 1; n <= count; n += 1) sales.push(await harness.pay(card, terminal, BigInt(10 * n)));
    await send(harness, terminal, { vouchers: sales });
    return sales;
  }
  const gaveUp = (counter: number, kind = "released", row: object = {}) =>
    harness.event(kind, { card: card.address, payee: null, ...row }, { counter });

  it("is the lower of what the final and the latest block show", async () => {
    show({ balance: 100n });
    show({ balance: 70n, paid: 10n }, 11n);
    expect(await bound()).toBe(80n);
  });

  it("is raised by what released and voided counters are worth", async () => {
    await paid(3);
    expect(await bound()).toBe(1_000n);
    await gaveUp(2);
    expect(await bound()).toBe(1_020n);
    await gaveUp(3, "voided");
    expect(await bound()).toBe(1_050n);
  });

  it.each([
    ["is not final", () => gaveUp(2, "released", { final: false })],
    ["is a refund", () => gaveUp(2, "refunded", { units: 1n })],
    ["is another card's", () => gaveUp(2, "released", { card: Buffer.alloc(20, 5) })],
  ])("is not raised by what %s", async (_what, event) => {
    await paid(3);
    await event();
    expect(await bound()).toBe(1_000n);
  });

  it.each([10n, 11n])("gives nothing back to a card that is flagged in block %s", async (from) => {
    await paid(2);
    await gaveUp(2);
    expect(await bound()).toBe(1_020n);
    show({ balance: 1_000n, flagged: true }, from);
    show({ balance: 1_000n, flagged: from === 11n }, 11n);
    expect(await bound()).toBe(1_000n);
  });

  it("believes nothing that a forked card says", async () => {
    await paid(2);
    await gaveUp(2);
    await harness.db.insertInto("forks").values({ card: card.address, counter: 9n, found_at: new Date() }).execute();
    expect(await bound()).toBe(1_000n);
  });

  it("takes a proof of state as a neighbour", async () => {
    const terminal = await harness.terminal();
    show({ balance: 1_000n });
    await harness.pay(card, terminal, 25n);
    await gaveUp(1);
    expect(await bound()).toBe(1_000n);
    await send(harness, terminal, { stateProofs: [await card.prove()] });
    expect(await bound()).toBe(1_025n);
  });

  it("believes a voucher that broke its allowance nothing, and one that came late all", async () => {
    const sales = await paid(2, { perTap: 15n });
    await gaveUp(2);
    for (const sale of sales.slice(1)) expect((await harness.voucher(sale)).dispute).toBe("OVER_PER_TAP");
    expect(await bound()).toBe(1_000n);
    for (const dispute of [
      "LATE",
      "AHEAD_OF_CLOCK",
      "ABOVE_CERTIFICATE",
      "OUTSIDE_CERTIFICATE",
      "CERTIFICATE_CATEGORY",
    ]) {
      await harness.db.updateTable("vouchers").set({ dispute }).where("card", "=", card.address).execute();
      expect(await bound()).toBe(1_020n);
    }
  });
});
