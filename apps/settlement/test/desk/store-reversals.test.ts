import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { VoucherBundle } from "@tallystick/protocol";
import { reverseNamed } from "../../src/vouchers/returns/reverse-vouchers.ts";
import { Desk, keyOf } from "../harness/desk.ts";
import { reversalOf, send, statuses } from "../harness/intake-desk.ts";
import type { TestCard } from "../harness/test-card.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

let desk: Desk;
let terminal: TestTerminal;
let card: TestCard;
let torn: VoucherBundle;

beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk.close());
beforeEach(async () => {
  terminal = await desk.terminal();
  card = await desk.card();
  torn = await desk.pay(card, terminal, 300n);
});

const take = (...vouchers: VoucherBundle[]) => statuses(send(desk, terminal, { vouchers }));
const reverse = (...bundles: VoucherBundle[]) =>
  send(desk, terminal, { reversals: bundles.map((bundle) => reversalOf(desk, bundle)) });
const state = async (bundle = torn) => (await desk.voucher(bundle)).state;

describe("a reversal", () => {
  it("takes out the voucher that came before it, and ends its hold", async () => {
    await take(torn);
    await reverse(torn);
    expect(await state()).toBe("cancelled");
    expect(await desk.held(card.address)).toBe(0n);
  });

  it("takes out the voucher that comes after it, or with it", async () => {
    await reverse(torn);
    expect(await take(torn)).toEqual([["new", null]]);
    const next = await desk.pay(card, terminal, 50n);
    await send(desk, terminal, { vouchers: [next], reversals: [reversalOf(desk, next)] });
    expect([await state(), await state(next)]).toEqual(["cancelled", "cancelled"]);
    expect(await desk.held(card.address)).toBe(0n);
  });

  it("is kept once, with who made it", async () => {
    await reverse(torn);
    await reverse(torn, torn);
    const kept = await desk.db
      .selectFrom("cancellations")
      .select(["payee", "terminal_id", "received_at"])
      .where("card_key", "=", torn.cardKey)
      .execute();
    expect(kept).toEqual([
      {
        payee: Buffer.from(terminal.payee),
        terminal_id: Buffer.from(terminal.terminalId),
        received_at: new Date(desk.nowMs),
      },
    ]);
  });

  it("of one request leaves the others alone", async () => {
    const [other, clone] = [await desk.pay(card, terminal, 20n), await desk.card()];
    const strange = await desk.pay(clone, terminal, 300n);
    await take(torn, other, strange);
    await reverse(torn);
    expect([await state(other), await state(strange)]).toEqual(["received", "received"]);
    expect(await desk.held(card.address)).toBe(20n);
  });

  it("of another terminal is refused and changes nothing", async () => {
    const thief = await desk.terminal();
    await take(torn);
    await send(desk, thief, { reversals: [reversalOf(desk, torn)] });
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
    await desk.setVoucher(torn, before);
    await reverse(torn);
    expect(await state()).toBe(after);
    expect(await desk.held(card.address)).toBe(held);
  });
});

describe("what is reversed when a batch fails", () => {
  const reversed = (scope?: Parameters<typeof reverseNamed>[2]) =>
    desk.db.transaction().execute((trx) => reverseNamed(trx, desk.postings, scope));

  it("is what stored reversals name: all of it, some ids, or one request", async () => {
    const sales = [
      torn,
      await desk.pay(card, terminal, 5n),
      await desk.pay(card, terminal, 6n),
      await desk.pay(card, terminal, 7n),
    ];
    await take(...sales);
    for (const sale of sales) await desk.setVoucher(sale, "batched");
    await reverse(...sales.slice(0, 3));
    for (const sale of sales) await desk.setVoucher(sale, "received");
    const [one, two, three, four] = sales;
    if (one === undefined || two === undefined || three === undefined || four === undefined) throw new Error("too few");
    expect(await reversed({ ids: [] })).toEqual([]);
    expect((await reversed({ ids: [keyOf(one), keyOf(four)] })).map(({ amount }) => amount)).toEqual([300n]);
    const { request } = await desk.voucher(two);
    expect((await reversed({ request, cardKey: two.cardKey })).map(({ amount }) => amount)).toEqual([5n]);
    expect((await reversed({ request, cardKey: Buffer.alloc(33, 2) })).length).toBe(0);
    expect((await reversed()).map(({ amount }) => amount)).toEqual([6n]);
    expect(await state(four)).toBe("received");
    expect(await desk.held(card.address)).toBe(7n);
  });
});
