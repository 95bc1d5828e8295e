import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { toHex, type VoucherBundle } from "@tallystick/protocol";
import { owedAccount, paidOutAccount } from "../../src/books/postings/chart-of-accounts.ts";
import { recordRefund, recordRelease, recordVoid } from "../../src/vouchers/chain-events/returns.ts";
import type { EventContext } from "../../src/vouchers/chain-events/event-context.ts";
import { ReturnViews } from "../../src/vouchers/returns/return-views.ts";
import { shareRefund } from "../../src/vouchers/returns/share-refund.ts";
import { QuietHarness, keyOf, NOW } from "../harness/quiet/quiet-harness.ts";
import { CaseViews } from "../../src/operations/cases/case-views.ts";
import { VoucherLives } from "../../src/operations/console/read/voucher-life.ts";
import { VoucherViews } from "../../src/vouchers/states/voucher-views.ts";
import { reversalOf, send } from "../harness/quiet/quiet-intake.ts";
import type { TestCard } from "../harness/test-card.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

let harness: QuietHarness;
let terminal: TestTerminal;
let card: TestCard;
/** None of the accounts that appear here is the issuer's. */
const own = () => null;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  terminal = await harness.terminal();
  card = await harness.card();
  await harness.forgetWoken();
});

/** Vouchers of these amounts that the vault has paid; their uploads came. */
async function paid(...amounts: bigint[]): Promise<VoucherBundle[]> {
  const sales: VoucherBundle[] = [];
  for (const amount of amounts) sales.push(await harness.pay(card, terminal, amount));
  await send(harness, terminal, { vouchers: sales });
  for (const sale of sales) {
    await harness.settled(sale);
    await harness.setVoucher(sale, "final");
  }
  return sales;
}

const inContext = <Answer>(work: (context: EventContext) => Promise<Answer>): Promise<Answer> =>
  harness.db.transaction().execute((trx) =>
    work({
      ...{ trx, postings: harness.postings, own, domain: { chainId: 1n, vault: harness.contract.vault } },
      ...{ scale: 100n, now: new Date(harness.nowMs) },
    }),
  );

/** Where an event stands. */
const log = () => ({
  ...{ address: harness.contract.vault, topics: [], data: Buffer.alloc(0), blockNumber: 6n, logIndex: 1 },
  ...{ blockHash: toHex(randomBytes(32)), transactionHash: toHex(randomBytes(32)) },
});

const refund = (units: bigint, named: VoucherBundle | null = null, fromEarnings = units) => {
  const event = {
    ...{ kind: "refunded" as const, merchant: terminal.payee, card: card.address, units, fromEarnings },
    voucherId: named === null ? null : keyOf(named),
  };
  const placed = { event, log: log() };
  return inContext(async (context) => {
    await recordRefund(context, placed as unknown as Parameters<typeof recordRefund>[1]);
    return `${placed.log.transactionHash}:1`;
  });
};

const shares = async (place: string) => {
  const rows = await harness.db.selectFrom("refund_shares").selectAll().where("place", "=", place).execute();
  return new Map(rows.map(({ voucher_id, units }) => [toHex(voucher_id), units]));
};
const shareOf = async (place: string, bundle: VoucherBundle | undefined) =>
  bundle === undefined ? undefined : (await shares(place)).get(toHex(keyOf(bundle)));
const state = async (bundle: VoucherBundle | undefined) =>
  bundle === undefined ? undefined : (await harness.voucher(bundle)).state;

const lives = (): VoucherLives => {
  const { db, config } = harness;
  const { asset } = config;
  return new VoucherLives(db, new VoucherViews(db, asset), new CaseViews(db, asset), asset);
};

describe("a refund", () => {
  it("stands in the life of its voucher, with its time, and in what the books have of it", async () => {
    const [sale, other] = await paid(20_000n, 10_000n);
    if (sale === undefined || other === undefined) throw new Error("nothing was sold");
    const place = await refund(20_000n, sale, 15_000n);
    const { steps, postings } = await lives().find(keyOf(sale));
    const at = new Date(harness.nowMs).toISOString();
    expect(steps.find(({ text }) => text.includes("went back"))).toMatchObject({ at, tx: place.split(":")[0] });
    const id = `refunded:${place}:${toHex(keyOf(sale))}`;
    expect(postings.filter(({ id: each }) => each.startsWith("refunded:"))).toMatchObject([
      { id: `${id}:e`, amount: "0.015 TUSD", at },
      { id: `${id}:w`, amount: "0.005 TUSD", at },
    ]);
    expect((await lives().find(keyOf(other))).postings.filter(({ id: each }) => each.startsWith("refunded:"))).toEqual(
      [],
    );
  });

  it("belongs to the newest payments first, and to none more than was paid for it", async () => {
    const [old, middle, newest] = await paid(10n, 20n, 30n);
    const place = await refund(45n);
    expect([await shareOf(place, newest), await shareOf(place, middle), await shareOf(place, old)]).toEqual([
      30n,
      15n,
      undefined,
    ]);
    expect([await state(newest), await state(middle), await state(old)]).toEqual(["refunded", "final", "final"]);
    const next = await refund(15n);
    expect([await shareOf(next, middle), await shareOf(next, old)]).toEqual([5n, 10n]);
    expect([await state(middle), await state(old)]).toEqual(["refunded", "refunded"]);
    expect((await shares(await refund(1n))).size).toBe(0);
  });

  it("belongs to reversed payments before all others, the lowest counter first", async () => {
    const [one, two, three] = await paid(10n, 20n, 30n);
    if (one === undefined || two === undefined) throw new Error("Nothing was paid.");
    await send(harness, terminal, { reversals: [reversalOf(harness, two), reversalOf(harness, one)] });
    const place = await refund(31n);
    expect([await shareOf(place, one), await shareOf(place, two), await shareOf(place, three)]).toEqual([10n, 20n, 1n]);
  });

  it("belongs to the voucher that its call names alone; what is left over is the card's", async () => {
    const [one, two] = await paid(10n, 20n);
    const place = await refund(12n, one ?? null);
    expect([await shareOf(place, one), await shareOf(place, two)]).toEqual([10n, undefined]);
    expect(await state(one)).toBe("refunded");
  });

  it("does not touch another card's or payee's payments", async () => {
    const [sale] = await paid(10n);
    const own = { place: `${toHex(randomBytes(32))}:1`, voucherId: null, units: 5n };
    for (const other of [
      { ...own, payee: terminal.payee, card: randomBytes(20) },
      { ...own, payee: randomBytes(20), card: card.address },
    ]) {
      const shared = await harness.db.transaction().execute((trx) => shareRefund(trx, other));
      expect(shared).toEqual([]);
    }
    expect(await state(sale)).toBe("final");
  });

  it("is kept with its place, counts as a deposit, and renews the card's allowance", async () => {
    await paid(10n);
    const place = await refund(4n, null, 3n);
    const kept = await harness.db.selectFrom("refunds").selectAll().where("place", "=", place).execute();
    expect(kept).toMatchObject([{ units: 4n, from_earnings: 3n, named_voucher: null, block_number: 6n }]);
    expect(await harness.cardRow(card)).toMatchObject({ deposits_units: 4n, renewal_due: true });
    // What the vault still held for the payee, and what came out of its wallet.
    expect(await harness.credited(owedAccount(terminal.payee))).toBe(3n);
    expect(await harness.credited(paidOutAccount(terminal.payee))).toBe(1n);
    expect(await harness.woken("allowance")).toEqual([Buffer.from(card.address).toString("hex")]);
  });

  it("wakes the vouchers that its card could not cover", async () => {
    const waiting = await harness.pay(card, terminal, 9n);
    await send(harness, terminal, { vouchers: [waiting] });
    await harness.db
      .updateTable("vouchers")
      .set({ state: "skipped", attempts: 5 })
      .where("id", "=", keyOf(waiting))
      .execute();
    await refund(4n);
    expect((await harness.voucher(waiting)).attempts).toBe(0);
    expect(await harness.woken("compensate")).toEqual([Buffer.from(keyOf(waiting)).toString("hex")]);
  });
});

describe("a release", () => {
  const release = (sale: VoucherBundle, change: object = {}) => {
    const { counter, amount: units, payee } = sale.message;
    const event = { kind: "released" as const, card: card.address, payee, counter, units, ...change };
    return inContext((context) =>
      recordRelease(context, { event, log: log() } as unknown as Parameters<typeof recordRelease>[1]),
    );
  };
  const taken = async () => {
    const sale = await harness.pay(card, terminal, 30n);
    await send(harness, terminal, { vouchers: [sale] });
    return sale;
  };

  it("ends its voucher and the hold, raises the highest counter, and renews the allowance", async () => {
    const sale = await taken();
    await release(sale);
    expect(await state(sale)).toBe("released");
    expect(await harness.held(card.address)).toBe(0n);
    expect(await harness.cardRow(card)).toMatchObject({ highest_counter: 1n, renewal_due: true });
  });

  it("of a voucher that was reversed ends no hold twice", async () => {
    const sale = await taken();
    await send(harness, terminal, { reversals: [reversalOf(harness, sale)] });
    await release(sale);
    expect(await state(sale)).toBe("released");
    expect(await harness.held(card.address)).toBe(0n);
  });

  it.each([
    ["another counter", { counter: 2 }, "received"],
    ["another payee", { payee: Buffer.alloc(20, 4) }, "forked"],
    ["another amount", { units: 31n }, "forked"],
    ["another card", { card: Buffer.alloc(20, 4) }, "received"],
  ])("of %s leaves its hold; with %j it is %s", async (_what, change, left) => {
    const sale = await taken();
    await release(sale, change);
    expect(await state(sale)).toBe(left);
    expect(await harness.held(card.address)).toBe(30n);
  });

  it.each(["final", "refunded", "compensated", "compensating"])("leaves a voucher that is %s", async (before) => {
    const sale = await taken();
    await harness.setVoucher(sale, before);
    await release(sale);
    expect(await state(sale)).toBe(before);
    expect(await harness.held(card.address)).toBe(30n);
  });

  it("does not lower the highest counter, nor does a void", async () => {
    await harness.db.updateTable("cards").set({ highest_counter: 9n }).where("card", "=", card.address).execute();
    const event = { kind: "voided" as const, card: card.address, counter: 8 };
    const placed = { event, log: log() } as unknown as Parameters<typeof recordVoid>[1];
    await inContext((context) => recordVoid(context, placed));
    expect(await harness.cardRow(card)).toMatchObject({ highest_counter: 9n, renewal_due: true });
    event.counter = 10;
    await inContext((context) => recordVoid(context, placed));
    expect((await harness.cardRow(card)).highest_counter).toBe(10n);
  });
});

describe("the lists of what went back", () => {
  const views = () => new ReturnViews(harness.db, harness.config.asset);
  const listed = async () => (await views().returns()).filter((row) => row.card === toHex(card.address));

  it("show a reversal with its voucher, and what is owed for it", async () => {
    const torn = await harness.pay(card, terminal, 20_000n);
    await send(harness, terminal, { reversals: [reversalOf(harness, torn)] });
    const mine = async () => (await views().reversals()).find(({ payee }) => payee === toHex(terminal.payee));
    expect(await mine()).toEqual({
      payee: toHex(terminal.payee),
      reversedAt: new Date(NOW * 1_000).toISOString(),
      voucher: null,
    });
    await send(harness, terminal, { vouchers: [torn] });
    const shown = { voucherId: toHex(keyOf(torn)), card: toHex(card.address), amount: "0.02" };
    expect((await mine())?.voucher).toEqual({ ...shown, state: "cancelled", owes: "release", refunded: "0.00" });
    await harness.settled(torn);
    await harness.setVoucher(torn, "final");
    expect((await mine())?.voucher).toMatchObject({ owes: "refund" });
    await harness.refunded(torn, 5_000n);
    expect((await mine())?.voucher).toMatchObject({ owes: "refund", refunded: "0.005" });
    await harness.refunded(torn, 15_000n);
    expect((await mine())?.voucher).toMatchObject({ owes: null, refunded: "0.02" });
    // On the page of the voucher's life too, in the token's units.
    const { steps } = await lives().find(keyOf(torn));
    const amounts = steps.flatMap(({ text }) => /^([0-9.]+) TUSD went/.exec(text)?.[1] ?? []);
    expect(amounts.toSorted()).toEqual(["0.005", "0.015"]);
  });

  it("show the newest reversal first", async () => {
    const [one, two] = [await harness.terminal(), await harness.terminal()];
    harness.nowMs = (NOW + 5) * 1_000;
    await send(harness, two, { reversals: [reversalOf(harness, await harness.pay(card, two, 1n))] });
    harness.nowMs = NOW * 1_000;
    await send(harness, one, { reversals: [reversalOf(harness, await harness.pay(card, one, 1n))] });
    const payees = (await views().reversals()).map(({ payee }) => payee);
    expect(payees.indexOf(toHex(two.payee))).toBeLessThan(payees.indexOf(toHex(one.payee)));
  });

  it("show a refund with the vouchers that it belongs to, and what belongs to none", async () => {
    const [sale] = await paid(10_000n);
    if (sale === undefined) throw new Error("Nothing was paid.");
    const place = await refund(30_000n);
    const [hash = ""] = place.split(":");
    const row = { card: card.address, payee: terminal.payee, units: 30_000n, log_index: 1, block_number: 6n };
    const transaction = { transaction_hash: Buffer.from(hash.slice(2), "hex") };
    await harness.event("refunded", { ...row, ...transaction });
    expect(await listed()).toEqual([
      {
        ...{
          kind: "refunded",
          final: true,
          tx: hash,
          block: "6",
          card: toHex(card.address),
          payee: toHex(terminal.payee),
        },
        ...{ amount: "0.03", vouchers: [{ voucherId: toHex(keyOf(sale)), amount: "0.01" }], ofNoVoucher: "0.02" },
      },
    ]);
  });

  it("say of a refund that is not final nothing about vouchers", async () => {
    await harness.event("refunded", { card: card.address, payee: terminal.payee, units: 3n, final: false });
    expect(await listed()).toMatchObject([{ final: false, vouchers: [], ofNoVoucher: null }]);
  });

  it("show a release with its voucher, a void without an amount, and the newest block first", async () => {
    const sale = await harness.pay(card, terminal, 10_000n);
    await send(harness, terminal, { vouchers: [sale] });
    await harness.setVoucher(sale, "released");
    const row = { card: card.address, payee: terminal.payee, units: 10_000n, block_number: 7n };
    await harness.event("released", row, { counter: 1 });
    await harness.event("voided", { card: card.address, block_number: 8n }, { counter: 2 });
    await harness.event("funded", { card: card.address, units: 5n, block_number: 9n });
    expect(await listed()).toMatchObject([
      { kind: "voided", block: "8", payee: null, amount: null, vouchers: [], ofNoVoucher: null },
      {
        kind: "released",
        block: "7",
        amount: "0.01",
        ofNoVoucher: null,
        vouchers: [{ voucherId: toHex(keyOf(sale)), amount: "0.01" }],
      },
    ]);
  });
});
