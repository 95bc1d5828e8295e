import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { cardStatuses, type VoucherBundle } from "@tallystick/protocol";
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

const pay = (amount: bigint, by = card) => harness.pay(by, terminal, amount);
const take = (...vouchers: VoucherBundle[]) => send(harness, terminal, { vouchers });

/** Whether the card was found out. */
async function isConvicted(): Promise<boolean> {
  const found = await harness.db
    .selectFrom("anomalies")
    .select(["kind", "detail"])
    .where("card", "=", card.address)
    .execute();
  const { status } = await harness.cardRow(card);
  const woken = await harness.woken("status-list");
  expect(woken.includes("due")).toBe(found.length > 0);
  expect(status === cardStatuses.revoked).toBe(found.length > 0);
  for (const { kind, detail } of found) {
    expect([kind, detail]).toEqual(["CARD_CONTRADICTION", expect.stringContaining(" does not follow ")]);
  }
  return found.length > 0;
}

describe("a card's vouchers", () => {
  it("that follow one another convict nobody, in any order and number of uploads", async () => {
    const sales = [await pay(1n), await pay(2n), await pay(3n), await pay(4n)];
    await take(...sales.slice(2));
    await take(...sales.slice(0, 2).reverse());
    expect(await isConvicted()).toBe(false);
  });

  it("convict a card whose first has spent more than its amount", async () => {
    card.spent = 5n;
    await take(await pay(1n));
    expect(await isConvicted()).toBe(true);
  });

  it("convict a card whose first names a message before it", async () => {
    card.head = Buffer.alloc(32, 1);
    await take(await pay(1n));
    expect(await isConvicted()).toBe(true);
  });

  it("convict nobody where the one before is not known, whatever the next one names", async () => {
    await pay(1n);
    card.head = Buffer.alloc(32, 1);
    card.spent += 7n;
    await take(await pay(2n));
    expect(await isConvicted()).toBe(false);
  });

  it.each([
    ["spent one unit too much", () => (card.spent += 1n)],
    ["spent one unit too little", () => (card.spent -= 1n)],
    ["names another message", () => (card.head = Buffer.alloc(32, 9))],
  ])("convict a card whose second %s, whichever comes first", async (_what, lie) => {
    const first = await pay(5n);
    lie();
    const second = await pay(6n);
    await take(second);
    expect(await isConvicted()).toBe(false);
    await take(first);
    expect(await isConvicted()).toBe(true);
    // The vouchers are taken all the same.
    expect([(await harness.voucher(first)).state, (await harness.voucher(second)).state]).toEqual([
      "received",
      "received",
    ]);
  });

  it("convict no card whose second follows one of two messages of a forked counter by itself", async () => {
    const clone = card.clone();
    const [first, forked] = [await pay(5n), await pay(6n, clone)];
    const next = await pay(7n);
    await take(first, forked, next);
    const found = await harness.db.selectFrom("anomalies").select("kind").where("card", "=", card.address).execute();
    expect(found).toEqual([]);
  });

  it("do not meet those of another card", async () => {
    const other = await harness.card();
    const first = await pay(5n, other);
    await pay(5n);
    await take(first, await pay(6n));
    expect(await isConvicted()).toBe(false);
  });
});
