import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { VoucherBundle } from "@tallystick/protocol";
import type { Insertable } from "kysely";
import type { ChainEventsTable } from "../../src/foundation/database/tables/chain-tables.ts";
import { QuietHarness } from "../harness/quiet/quiet-harness.ts";
import { send } from "../harness/quiet/quiet-intake.ts";
import type { TestCard } from "../harness/test-card.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

let harness: QuietHarness;
let terminal: TestTerminal;
let card: TestCard;
let sale: VoucherBundle;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  terminal = await harness.terminal();
  card = await harness.card();
  sale = await harness.pay(card, terminal, 400n);
});

const take = () => send(harness, terminal, { vouchers: [sale] });
const state = async () => (await harness.voucher(sale)).state;

describe("a voucher that the vault paid before its upload came", () => {
  it("is final, and holds nothing", async () => {
    await harness.settled(sale);
    await take();
    expect(await state()).toBe("final");
    expect(await harness.held(card.address)).toBe(0n);
  });

  it.each([
    [400n, "refunded"],
    [399n, "final"],
  ])("and of which %s of 400 went back is %s", async (units, wanted) => {
    await harness.settled(sale);
    await harness.refunded(sale, units);
    await take();
    expect(await state()).toBe(wanted);
  });
});

describe("a voucher whose counter was used for nothing before its upload came", () => {
  const release = (row: Partial<Insertable<ChainEventsTable>> = {}, counter = 1, kind = "released") =>
    harness.event(kind, { card: card.address, payee: terminal.payee, units: 400n, ...row }, { counter });

  it("is released, and holds nothing", async () => {
    await release();
    await take();
    expect(await state()).toBe("released");
    expect(await harness.held(card.address)).toBe(0n);
  });

  it.each([
    ["received", "is not final", () => release({ final: false })],
    ["forked", "is another payee's", () => release({ payee: Buffer.alloc(20, 7) })],
    ["received", "is another card's", () => release({ card: Buffer.alloc(20, 7) })],
    ["forked", "is of another amount", () => release({ units: 401n })],
    ["received", "is of another counter", () => release({}, 2)],
    ["received", "is a void", () => release({}, 1, "voided")],
  ] as const)("is %s where the release %s", async (left, _what, event) => {
    await event();
    await take();
    expect(await state()).toBe(left);
    expect(await harness.held(card.address)).toBe(400n);
  });

  it("does not change another voucher of the same upload", async () => {
    const other = await harness.pay(card, terminal, 5n);
    await release();
    await send(harness, terminal, { vouchers: [sale, other] });
    expect([await state(), (await harness.voucher(other)).state]).toEqual(["released", "received"]);
    expect(await harness.held(card.address)).toBe(5n);
  });
});
