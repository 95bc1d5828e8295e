import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { CLOCK_SKEW_SECONDS, defaultFreshness } from "@tallystick/protocol";
import { AnchoredRoots } from "../../src/books/ledger-log/anchored-roots.ts";
import { periodOf } from "../../src/operations/periods/period.ts";
import { Statements } from "../../src/operations/statements/statements.ts";
import { QuietHarness, keyOf, NOW } from "../harness/quiet/quiet-harness.ts";
import { considered, forkedAt, type Fork } from "../harness/quiet/quiet-forks.ts";
import { reversalOf, send } from "../harness/quiet/quiet-intake.ts";

let harness: QuietHarness;

beforeAll(async () => {
  harness = await QuietHarness.open();
  await harness.takenIn(10n);
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.nowMs = NOW * 1_000;
});

type Options = Parameters<typeof forkedAt>[2];

/** A forked voucher that only the issuer can pay. */
async function unpaid(amount: bigint, options: Options = {}): Promise<Fork> {
  const fork = await forkedAt(harness, amount, options);
  await harness.settled(fork.first);
  return fork;
}

/** What became of a forked voucher that only the issuer can pay. */
async function decided(amount: bigint, options: Options = {}): Promise<string> {
  return outcome(await unpaid(amount, options));
}

async function outcome({ second }: Fork): Promise<string> {
  const { state, dispute, ground } = await considered(harness, second);
  return dispute ?? ground ?? state;
}

describe("the sum of one card at one terminal", () => {
  it.each([
    [100n, "compensating"],
    [101n, "CARD_SUM"],
  ])("of which %s of 100 is %s", async (amount, wanted) => {
    expect(await decided(amount, { certificate: { perCardSum: 100n } })).toBe(wanted);
  });

  it("counts what was borne before, and nothing of other cards, terminals and payees", async () => {
    const here = await harness.terminal({ perCardSum: 100n });
    const first = await unpaid(60n, { here });
    expect(await outcome(first)).toBe("compensating");
    expect(await decided(100n, { here })).toBe("compensating");
    const sibling = await harness.terminal({ perCardSum: 100n }, here.payee);
    expect(await decided(100n, { card: first.card, here: sibling })).toBe("compensating");
    expect(await decided(41n, { card: first.card, here })).toBe("CARD_SUM");
    expect(await decided(40n, { card: first.card, here })).toBe("compensating");
    expect(await decided(1n, { card: first.card, here })).toBe("CARD_SUM");
  });

  it.each([
    ["compensated", "CARD_SUM"],
    ["withheld", "CARD_SUM"],
    ["disputed", "compensating"],
    ["cancelled", "compensating"],
  ])("counts what is %s: the next one is %s", async (state, wanted) => {
    const here = await harness.terminal({ perCardSum: 100n });
    const first = await unpaid(60n, { here });
    await harness.setVoucher(first.second, state);
    expect(await decided(41n, { card: first.card, here })).toBe(wanted);
  });

  it("is the widest of the terminal's certificates that the issuer signed", async () => {
    const here = await harness.terminal({ perCardSum: 100n });
    await harness.certify(here, { perCardSum: 50n });
    expect(await decided(100n, { here })).toBe("compensating");
    expect(await decided(101n, { here })).toBe("CARD_SUM");
  });

  it("is not that of a certificate for another category", async () => {
    const here = await harness.terminal({ perCardSum: 100n, category: 4 });
    await harness.certify(here, { perCardSum: 50n });
    expect(await decided(51n, { here })).toBe("CARD_SUM");
  });

  it("is at most the largest maxSpent that the issuer signed for the card", async () => {
    const card = await harness.card({}, { maxSpent: 30n, softSpent: 30n });
    const fork = await unpaid(30n, { card });
    expect(await outcome(fork)).toBe("compensating");
    const other = await harness.card({}, { maxSpent: 30n, softSpent: 30n });
    expect(await decided(31n, { card: other })).toBe("OVER_MAX_SPENT");
    const [raised, here] = [await harness.card({}, { maxSpent: 40n, softSpent: 40n }), await harness.terminal()];
    await decided(30n, { card: raised, here });
    const late = await unpaid(11n, { card: Object.assign(raised, { spent: 1n }), here });
    expect(await outcome(late)).toBe("MAX_SPENT_SUM");
    await harness.allow(raised, { seq: 2, maxSpent: 41n, softSpent: 41n });
    const again = await unpaid(11n, { card: Object.assign(raised, { spent: 2n }), here });
    expect(await outcome(again)).toBe("compensating");
  });

  it.each([
    [101n, "compensating"],
    [102n, "MAX_SPENT_SUM"],
  ])("is at most that of a higher allowance that its card does not hold yet: %s in all is %s", async (sum, wanted) => {
    const [card, here] = [await harness.card({}, { maxSpent: 100n, softSpent: 100n }), await harness.terminal()];
    const held = card.allowance;
    await harness.allow(card, { seq: 2, maxSpent: 101n, softSpent: 101n });
    card.allowance = held;
    expect(await decided(100n, { card, here })).toBe("compensating");
    expect(await decided(sum - 100n, { card: Object.assign(card, { spent: 1n }), here })).toBe(wanted);
  });

  it("is at most that of the allowance it shows, where the issuer's own record of it is lost", async () => {
    const card = await harness.card({}, { maxSpent: 100n, softSpent: 100n });
    await harness.db.deleteFrom("allowances").where("card", "=", card.address).execute();
    const here = await harness.terminal();
    expect(await decided(100n, { card, here })).toBe("compensating");
    expect(await decided(1n, { card: Object.assign(card, { spent: 1n }), here })).toBe("MAX_SPENT_SUM");
  });
});

describe("the sum of software cards at one terminal", () => {
  const soft = () => harness.card({}, { flags: 4 });

  it("counts all of them together, and no other card", async () => {
    const here = await harness.terminal({ softwareSum: 100n });
    expect(await decided(60n, { card: await soft(), here })).toBe("compensating");
    expect(await decided(500n, { here })).toBe("compensating");
    expect(await decided(41n, { card: await soft(), here })).toBe("SOFTWARE_SUM");
    expect(await decided(40n, { card: await soft(), here })).toBe("compensating");
  });
});

describe("a counter that is twice at one terminal", () => {
  const twice = async () => {
    const [card, here] = [await harness.card(), await harness.terminal()];
    const clones = [card.clone(), card.clone()];
    const [one, two] = [await harness.pay(clones[0] ?? card, here, 5n), await harness.pay(clones[1] ?? card, here, 6n)];
    const fork = await unpaid(1n, { card, here: await harness.terminal() });
    await send(harness, here, { vouchers: [one, two] });
    return { one, two, here, fork };
  };

  it("is not borne", async () => {
    const { one } = await twice();
    expect(await considered(harness, one)).toMatchObject({ state: "disputed", dispute: "COUNTER_TWICE" });
  });

  it("is borne once the terminal has reversed the other one, unless that was borne", async () => {
    const { one, two, here } = await twice();
    await send(harness, here, { reversals: [reversalOf(harness, two)] });
    expect((await considered(harness, one)).state).toBe("compensating");
    const next = await twice();
    await harness.setVoucher(next.two, "compensating");
    await send(harness, next.here, { reversals: [reversalOf(harness, next.two)] });
    expect(await considered(harness, next.one)).toMatchObject({ state: "disputed", dispute: "COUNTER_TWICE" });
  });

  it("does not hinder the one at another terminal of the payee", async () => {
    const [card, here] = [await harness.card(), await harness.terminal()];
    const sibling = await harness.terminal({}, here.payee);
    const clones = [card.clone(), card.clone()];
    const [one, two] = [
      await harness.pay(clones[0] ?? card, here, 5n),
      await harness.pay(clones[1] ?? card, sibling, 6n),
    ];
    await unpaid(1n, { card });
    await send(harness, here, { vouchers: [one] });
    await send(harness, sibling, { vouchers: [two] });
    expect((await considered(harness, one)).state).toBe("compensating");
    expect((await considered(harness, two)).state).toBe("compensating");
  });
});

describe("times", () => {
  const grace = defaultFreshness.listAgeSeconds + CLOCK_SKEW_SECONDS;

  it.each([
    [0, "compensating"],
    [1, "AFTER_REVOCATION"],
  ])("a payment %s s after the last list that may be older than the revocation: %s", async (after, wanted) => {
    const fork = await unpaid(7n, { time: NOW - 60 });
    const listed = new Date((NOW - 60 - grace - after) * 1_000 + 999);
    await harness.db
      .updateTable("cards")
      .set({ revoked_listed_at: listed })
      .where("card", "=", fork.card.address)
      .execute();
    expect(await outcome(fork)).toBe(wanted);
  });

  it("a payment that came in time, and one that came too late", async () => {
    const latest = harness.config.uploadWindowSeconds + CLOCK_SKEW_SECONDS;
    expect(await decided(7n, { time: NOW - latest })).toBe("compensating");
    expect(await decided(7n, { time: NOW - latest - 1 })).toBe("LATE");
  });
});

describe("a terminal whose certificate is withdrawn", () => {
  /** From this second on. */
  const withdraw = ({ here }: Fork, from: number) =>
    harness.db
      .insertInto("certificate_withdrawals")
      .values({
        ...{ payee: here.payee, terminal_id: here.terminalId, withdrawn_from: BigInt(from) },
        ...{ reason: "a test", who: "ada", recorded_at: new Date(harness.nowMs) },
      })
      .execute();

  it.each([
    ["arrived before", NOW, "compensating"],
    ["arrived after, sold before", NOW - 1, "CERTIFICATE_WITHDRAWN"],
  ])("a payment that %s", async (_what, from, wanted) => {
    const fork = await unpaid(7n);
    await withdraw(fork, from);
    expect(await outcome(fork)).toBe(wanted);
  });

  it("owes what was sold before, and nothing that was sold and came after", async () => {
    const [before, after] = [await unpaid(7n, { time: NOW - 60 }), await unpaid(7n, { time: NOW - 60 })];
    await withdraw(before, NOW - 60);
    await withdraw(after, NOW - 61);
    expect([await outcome(before), (await harness.voucher(before.second)).state]).toEqual([
      "CERTIFICATE_WITHDRAWN",
      "withheld",
    ]);
    expect([await outcome(after), (await harness.voucher(after.second)).state]).toEqual([
      "CERTIFICATE_WITHDRAWN",
      "disputed",
    ]);
  });
});

describe("what the issuer published", () => {
  it.each([
    [100_000n, "compensating"],
    [100_001n, "PER_CARD"],
  ])("a voucher of %s units of a card, of which it bears 100,000: %s", async (amount, wanted) => {
    expect(await decided(amount, { certificate: { perCardSum: 1_000_000n } })).toBe(wanted);
  });

  it("counts a card's vouchers at every terminal, but nothing that is withheld", async () => {
    const certificate = { perCardSum: 1_000_000n };
    const { card } = await unpaid(1n, { certificate });
    expect(await decided(60_000n, { card, certificate })).toBe("compensating");
    expect(await decided(40_001n, { card, certificate })).toBe("PER_CARD");
    expect(await decided(40_000n, { card, certificate })).toBe("compensating");
  });

  it("counts what a payee got today, and nothing of yesterday", async () => {
    const here = await harness.terminal({ perCardSum: 1_000_000n });
    for (let turn = 0; turn < 5; turn += 1) expect(await decided(100_000n, { here })).toBe("compensating");
    expect(await decided(1n, { here })).toBe("PER_PAYEE_PER_DAY");
    expect(await decided(1n)).toBe("compensating");
    const midnight = (NOW - (NOW % 86_400)) * 1_000;
    const set = (at: number) =>
      harness.db
        .updateTable("compensations")
        .set({ created_at: new Date(at) })
        .where("payee", "=", here.payee)
        .execute();
    await set(midnight);
    expect(await decided(1n, { here })).toBe("PER_PAYEE_PER_DAY");
    await set(midnight - 1);
    expect(await decided(1n, { here })).toBe("compensating");
  });
});

describe("what withholds and what refuses", () => {
  it("keeps the hold of what is withheld, and ends that of what is disputed", async () => {
    const withheld = await unpaid(100_001n, { certificate: { perCardSum: 1_000_000n } });
    expect(await outcome(withheld)).toBe("PER_CARD");
    expect((await harness.voucher(withheld.second)).state).toBe("withheld");
    expect(await harness.held(withheld.card.address)).toBe(100_006n);
    const disputed = await unpaid(101n, { certificate: { perCardSum: 100n } });
    expect(await outcome(disputed)).toBe("CARD_SUM");
    expect(await harness.held(disputed.card.address)).toBe(5n);
    // Its payee's statement says of the hold that ended that nobody pays.
    const statements = new Statements(harness.db, new AnchoredRoots(harness.db), harness.clock);
    const { pieces } = await statements.open(disputed.second.message.payee, periodOf("2027-01-15", "2027-01-15"));
    const freed: unknown[] = [];
    for await (const piece of pieces)
      if (piece.piece === "line" && piece.line.kind === "freed") freed.push([piece.line.became, piece.line.code]);
    expect(freed).toEqual([["disputed", "CARD_SUM"]]);
  });

  it("keeps the code with which a voucher came", async () => {
    const card = await harness.card({}, { perTap: 6n });
    const fork = await unpaid(7n, { card });
    expect(await outcome(fork)).toBe("OVER_PER_TAP");
    const row = await harness.db
      .selectFrom("compensations")
      .selectAll()
      .where("voucher_id", "=", keyOf(fork.second))
      .execute();
    expect(row).toEqual([]);
  });

  it("bears nothing where the issuer published that it does not", async () => {
    const careful = await QuietHarness.open({ guarantee: { bears: false, perCard: "10.00", perPayeePerDay: "10.00" } });
    try {
      await careful.takenIn(10n);
      const { first, second } = await forkedAt(careful, 7n);
      await careful.settled(first);
      expect(await considered(careful, second)).toMatchObject({ state: "disputed", dispute: "NOTHING_BORNE" });
    } finally {
      await careful.close();
    }
  });
});
