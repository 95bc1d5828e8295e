import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { VoucherBundle } from "@tallystick/protocol";
import type { Insertable } from "kysely";
import type { ChainEventsTable } from "../../src/foundation/database/tables/chain-tables.ts";
import { Desk } from "../harness/desk.ts";
import { send } from "../harness/intake-desk.ts";
import type { TestCard } from "../harness/test-card.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

let desk: Desk;
let terminal: TestTerminal;
let card: TestCard;
let sale: VoucherBundle;

beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk.close());
beforeEach(async () => {
  terminal = await desk.terminal();
  card = await desk.card();
  sale = await desk.pay(card, terminal, 400n);
});

const take = () => send(desk, terminal, { vouchers: [sale] });
const state = async () => (await desk.voucher(sale)).state;

describe("a voucher that the vault paid before its upload came", () => {
  it("is final, and holds nothing", async () => {
    await desk.settled(sale);
    await take();
    expect(await state()).toBe("final");
    expect(await desk.held(card.address)).toBe(0n);
  });

  it.each([
    [400n, "refunded"],
    [399n, "final"],
  ])("and of which %s of 400 went back is %s", async (units, wanted) => {
    await desk.settled(sale);
    await desk.refunded(sale, units);
    await take();
    expect(await state()).toBe(wanted);
  });
});

describe("a voucher whose counter was used for nothing before its upload came", () => {
  const release = (row: Partial<Insertable<ChainEventsTable>> = {}, counter = 1, kind = "released") =>
    desk.event(kind, { card: card.address, payee: terminal.payee, units: 400n, ...row }, { counter });

  it("is released, and holds nothing", async () => {
    await release();
    await take();
    expect(await state()).toBe("released");
    expect(await desk.held(card.address)).toBe(0n);
  });

  it.each([
    ["is not final", () => release({ final: false })],
    ["is another payee's", () => release({ payee: Buffer.alloc(20, 7) })],
    ["is another card's", () => release({ card: Buffer.alloc(20, 7) })],
    ["is of another amount", () => release({ units: 401n })],
    ["is of another counter", () => release({}, 2)],
    ["is a void", () => release({}, 1, "voided")],
  ])("stays received where the release %s", async (_what, event) => {
    await event();
    await take();
    expect(await state()).toBe("received");
    expect(await desk.held(card.address)).toBe(400n);
  });

  it("does not change another voucher of the same upload", async () => {
    const other = await desk.pay(card, terminal, 5n);
    await release();
    await send(desk, terminal, { vouchers: [sale, other] });
    expect([await state(), (await desk.voucher(other)).state]).toEqual(["released", "received"]);
    expect(await desk.held(card.address)).toBe(5n);
  });
});
