import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { QuietHarness } from "../harness/quiet/quiet-harness.ts";
import { send } from "../harness/quiet/quiet-intake.ts";
import type { TestCard } from "../harness/test-card.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

let harness: QuietHarness;
let terminal: TestTerminal;
let card: TestCard;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  terminal = await harness.terminal();
  card = await harness.card();
  await harness.forgetWoken();
});

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("a proof of state", () => {
  it("is kept once, with what it proves", async () => {
    await harness.pay(card, terminal, 70n);
    const proof = await card.prove();
    await send(harness, terminal, { stateProofs: [proof, proof] });
    await send(harness, terminal, { stateProofs: [proof] });
    const kept = await harness.db.selectFrom("state_proofs").selectAll().where("card", "=", card.address).execute();
    expect(kept).toMatchObject([
      { counter: 1n, spent_units: 70n, seq: 1n, card_state: 7, received_at: new Date(harness.nowMs) },
    ]);
  });

  it("shows the allowance that the card holds, and never an older one again", async () => {
    const old = await card.prove();
    await harness.allow(card, { seq: 4 });
    await send(harness, terminal, { stateProofs: [await card.prove()] });
    await send(harness, terminal, { stateProofs: [old] });
    expect(await harness.cardRow(card)).toMatchObject({ shown_seq: 4n, shown_terminated: false });
  });

  it("of a card that will never pay again is remembered, also after another one", async () => {
    const alive = await card.prove(0x07);
    await send(harness, terminal, { stateProofs: [await card.prove(0x7f)] });
    await send(harness, terminal, { stateProofs: [alive] });
    expect((await harness.cardRow(card)).shown_terminated).toBe(true);
  });
});

describe("the renewal of an allowance", () => {
  const due = async () => ({
    row: (await harness.cardRow(card)).renewal_due,
    woken: await harness.woken("allowance"),
  });

  it.each(["released", "voided"])(
    "is asked for when a voucher or a proof comes of a card that has a %s counter",
    async (kind) => {
      await harness.event(kind, { card: card.address }, { counter: 1 });
      await send(harness, terminal, { vouchers: [await harness.pay(card, terminal, 1n)] });
      expect(await due()).toEqual({ row: true, woken: [hex(card.address)] });
      await harness.db.updateTable("cards").set({ renewal_due: false }).where("card", "=", card.address).execute();
      await send(harness, terminal, { stateProofs: [await card.prove()] });
      expect((await due()).row).toBe(true);
    },
  );

  it.each([
    ["that is not final", () => harness.event("released", { card: card.address, final: false }, { counter: 1 })],
    ["of another card", () => harness.event("released", { card: Buffer.alloc(20, 3) }, { counter: 1 })],
    ["of another kind", () => harness.event("refunded", { card: card.address, units: 1n })],
  ])("is not asked for an event %s", async (_what, event) => {
    await event();
    await send(harness, terminal, { vouchers: [await harness.pay(card, terminal, 1n)] });
    expect(await due()).toEqual({ row: false, woken: [] });
  });
});
