import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { VoucherBundle } from "@tallystick/protocol";
import { reverseNamed } from "../../src/vouchers/returns/reverse-vouchers.ts";
import { NOW, QuietHarness, keyOf } from "../harness/quiet/quiet-harness.ts";
import { reversalOf, send, statuses } from "../harness/quiet/quiet-intake.ts";
import type { TestCard } from "../harness/test-card.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

let harness: QuietHarness;
let terminal: TestTerminal;
let card: TestCard;
let torn: VoucherBundle;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  harness.nowMs = NOW * 1_000;
  terminal = await harness.terminal();
  card = await harness.card();
  torn = await harness.pay(card, terminal, 300n);
});

const take = (...vouchers: VoucherBundle[]) => statuses(send(harness, terminal, { vouchers }));
const reverse = (...bundles: VoucherBundle[]) =>
  send(harness, terminal, { reversals: bundles.map((bundle) => reversalOf(harness, bundle)) });
const state = async (bundle = torn) => (await harness.voucher(bundle)).state;

describe("a reversal", () => {
  it("takes out the voucher that came before it, and ends its hold", async () => {
    await take(torn);
    await reverse(torn);
    expect(await state()).toBe("cancelled");
    expect(await harness.held(card.address)).toBe(0n);
  });

  it("takes out the voucher that comes after it, or with it", async () => {
    await reverse(torn);
    expect(await take(torn)).toEqual([["new", null]]);
    const next = await harness.pay(card, terminal, 50n);
    await send(harness, terminal, { vouchers: [next], reversals: [reversalOf(harness, next)] });
    expect([await state(), await state(next)]).toEqual(["cancelled", "cancelled"]);
    expect(await harness.held(card.address)).toBe(0n);
  });

  it("is kept once, with who made it", async () => {
    await reverse(torn);
    await reverse(torn, torn);
    const kept = await harness.db
      .selectFrom("cancellations")
      .select(["payee", "terminal_id", "received_at"])
      .where("card_key", "=", torn.cardKey)
      .execute();
    expect(kept).toEqual([
      {
        payee: Buffer.from(terminal.payee),
        terminal_id: Buffer.from(terminal.terminalId),
        received_at: new Date(harness.nowMs),
      },
    ]);
  });

  it("of one request leaves the others alone", async () => {
    const [other, clone] = [await harness.pay(card, terminal, 20n), await harness.card()];
    const strange = await harness.pay(clone, terminal, 300n);
    await take(torn, other, strange);
    await reverse(torn);
    expect([await state(other), await state(strange)]).toEqual(["received", "received"]);
    expect(await harness.held(card.address)).toBe(20n);
  });

  it("of another terminal is refused and changes nothing", async () => {
    const thief = await harness.terminal();
    await take(torn);
    await send(harness, thief, { reversals: [reversalOf(harness, torn)] });
    expect(await state()).toBe("received");
  });

  it.each([
    ["skipped", "cancelled", 0n],
    ["forked", "cancelled", 0n],
    ["withheld", "cancelled", 0n],
    ["batched", "batched", 300n],
    ["compensating", "compensating", 300n],
  ])("of a voucher that is %s leaves it %s", async (before, after, held) => {
    await take(torn);
    await harness.setVoucher(torn, before);
    await reverse(torn);
    expect(await state()).toBe(after);
    expect(await harness.held(card.address)).toBe(held);
  });
});

describe("a reversal of a terminal whose certificate is withdrawn", () => {
  /** From this second on. */
  const withdraw = (from: number, of = terminal) =>
    harness.db
      .insertInto("certificate_withdrawals")
      .values({
        ...{ payee: of.payee, terminal_id: of.terminalId, withdrawn_from: BigInt(from) },
        ...{ reason: "a test", who: "ada", recorded_at: new Date(harness.nowMs) },
      })
      .execute();
  const late = () => harness.db.selectFrom("late_reversals").selectAll().where("card_key", "=", torn.cardKey).execute();

  it("that comes after the withdrawal waits for the payee's word, kept once, and changes nothing", async () => {
    await take(torn);
    await withdraw(NOW - 1);
    await reverse(torn, torn);
    await reverse(torn);
    expect(await state()).toBe("received");
    expect(await late()).toMatchObject([{ payee: Buffer.from(terminal.payee), received_at: new Date(NOW * 1_000) }]);
    expect(await take(torn)).toEqual([["duplicate", null]]);
    expect(await state()).toBe("received");
  });

  it("counts where it comes within the second of the withdrawal, or another terminal's was withdrawn", async () => {
    await take(torn);
    await withdraw(NOW);
    await withdraw(NOW - 1, await harness.terminal());
    harness.nowMs += 999;
    await reverse(torn);
    expect([await state(), await late()]).toEqual(["cancelled", []]);
  });
});

describe("what is reversed when a batch fails", () => {
  const reversed = (scope?: Parameters<typeof reverseNamed>[2]) =>
    harness.db.transaction().execute((trx) => reverseNamed(trx, harness.postings, scope));

  it("is what stored reversals name: all of it, some ids, or one request", async () => {
    const sales = [
      torn,
      await harness.pay(card, terminal, 5n),
      await harness.pay(card, terminal, 6n),
      await harness.pay(card, terminal, 7n),
    ];
    await take(...sales);
    for (const sale of sales) await harness.setVoucher(sale, "batched");
    await reverse(...sales.slice(0, 3));
    for (const sale of sales) await harness.setVoucher(sale, "received");
    const [one, two, three, four] = sales;
    if (one === undefined || two === undefined || three === undefined || four === undefined) throw new Error("too few");
    expect(await reversed({ ids: [] })).toEqual([]);
    expect((await reversed({ ids: [keyOf(one), keyOf(four)] })).map(({ amount }) => amount)).toEqual([300n]);
    const { request } = await harness.voucher(two);
    expect((await reversed({ request, cardKey: two.cardKey })).map(({ amount }) => amount)).toEqual([5n]);
    expect((await reversed({ request, cardKey: Buffer.alloc(33, 2) })).length).toBe(0);
    expect((await reversed()).map(({ amount }) => amount)).toEqual([6n]);
    expect(await state(four)).toBe("received");
    expect(await harness.held(card.address)).toBe(7n);
  });
});
