import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { addressOfKey, cardStatuses, type VoucherBundle } from "@tallystick/protocol";
import { bindInstallation } from "../../src/foundation/database/installation.ts";
import { countSigned } from "../../src/vouchers/forks/signed-sum.ts";
import { QuietHarness, NOW } from "../harness/quiet/quiet-harness.ts";
import { send } from "../harness/quiet/quiet-intake.ts";
import type { TestCard } from "../harness/test-card.ts";
import type { TestTerminal } from "../harness/test-terminal.ts";

let harness: QuietHarness;
let terminal: TestTerminal;

beforeAll(async () => {
  harness = await QuietHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  harness.nowMs = NOW * 1_000;
  terminal = await harness.terminal();
});

/** A card that may spend 100. */
const card = (row: Parameters<typeof harness.card>[0] = {}): Promise<TestCard> =>
  harness.card(row, { maxSpent: 100n, softSpent: 100n });

/** Lets the card sign these amounts, one after the other, and sends them in one upload. */
async function signs(signing: TestCard, ...amounts: bigint[]): Promise<VoucherBundle[]> {
  const sales: VoucherBundle[] = [];
  for (const amount of amounts) sales.push(await harness.pay(signing, terminal, amount));
  await send(harness, terminal, { vouchers: sales });
  return sales;
}

const statusOf = async (of: TestCard) => (await harness.cardRow(of)).status;
const anomalies = (of: TestCard) =>
  harness.db.selectFrom("anomalies").select(["kind", "found_at", "detail"]).where("card", "=", of.address).execute();
const { valid, revoked } = cardStatuses;

describe("what a card has signed in all", () => {
  it("revokes it and raises an alarm where it is above every allowance, and not before", async () => {
    const signing = await card();
    await signs(signing, 40n, 60n);
    expect(await statusOf(signing)).toBe(valid);
    expect((await harness.cardRow(signing)).signed_units).toBe(100n);
    await harness.forgetWoken();
    await signs(signing, 1n);
    expect(await statusOf(signing)).toBe(revoked);
    const found = await anomalies(signing);
    expect(found).toMatchObject([{ kind: "CARD_OVERSPENT", found_at: new Date(harness.nowMs) }]);
    expect(found[0]?.detail).toMatch(/\b101\b.*\b100\b/);
    expect(await harness.woken("status-list")).toEqual(["due"]);
    await signs(signing, 1n);
    expect(await anomalies(signing)).toHaveLength(1);
  });

  it("counts every message of one upload, and those of other cards for themselves", async () => {
    const [one, two, three] = [await card(), await card(), await card()];
    const sales = [
      await harness.pay(one, terminal, 60n),
      await harness.pay(two, terminal, 70n),
      await harness.pay(one, terminal, 41n),
      await harness.pay(three, terminal, 30n),
    ];
    await send(harness, terminal, { vouchers: sales });
    const rows = [await harness.cardRow(one), await harness.cardRow(two), await harness.cardRow(three)];
    expect(rows.map(({ signed_units: units, status }) => [units, status])).toEqual([
      [101n, revoked],
      [70n, valid],
      [30n, valid],
    ]);
  });

  it("counts a counter once, by its largest message", async () => {
    const signing = await card();
    const clone = signing.clone();
    await signs(signing, 40n);
    await signs(clone, 60n);
    // The fork revoked it; what its messages took is asked of them alone.
    const unrevoked = { status: valid, signed_units: 500n };
    await harness.db.updateTable("cards").set(unrevoked).where("card", "=", signing.address).execute();
    await signs(clone, 40n);
    expect(await statusOf(signing)).toBe(valid);
    await signs(clone, 1n);
    expect(await statusOf(signing)).toBe(revoked);
  });

  it("counts what the vault paid of a counter, and no other message of it", async () => {
    const signing = await card();
    const [sale] = await signs(signing, 90n);
    if (sale === undefined) throw new Error("Nothing was signed.");
    await harness.settled(sale, { amount: 50n });
    await signs(signing, 50n);
    expect(await statusOf(signing)).toBe(valid);
    await signs(signing, 1n);
    expect(await statusOf(signing)).toBe(revoked);
  });

  it("is no matter of a running sum that is too high, which is corrected, until its messages are", async () => {
    const signing = await card({ signed_units: 99n });
    await signs(signing, 100n);
    expect((await harness.cardRow(signing)).signed_units).toBe(100n);
    expect(await statusOf(signing)).toBe(valid);
    expect(await anomalies(signing)).toEqual([]);
    await signs(signing, 1n);
    expect(await statusOf(signing)).toBe(revoked);
  });

  it("may be as high as an allowance that only the card's own vouchers show", async () => {
    const signing = await card();
    await harness.allow(signing, { seq: 2, maxSpent: 120n, softSpent: 120n });
    await harness.db.deleteFrom("allowances").where("card", "=", signing.address).where("seq", "=", 2n).execute();
    await signs(signing, 120n);
    expect(await statusOf(signing)).toBe(valid);
    await signs(signing, 1n);
    expect(await statusOf(signing)).toBe(revoked);
  });

  it("counts nothing where nothing is new", async () => {
    await harness.db.transaction().execute((trx) => countSigned(trx, [], new Date(harness.nowMs)));
  });
});

describe("after a restore", () => {
  /** A card of a service that lost allowances, to which so much came and went. */
  async function restored(generation: number, came: { deposits?: bigint; released?: bigint; voided?: boolean }) {
    const keys = { treasury: new Uint8Array(20).fill(1), gas: null, issuer: harness.issuer };
    await bindInstallation(harness.db, { ...harness.config, restoreGeneration: generation }, keys);
    const signing = await card({ deposits_units: came.deposits ?? 0n });
    const { released, voided } = came;
    if (released !== undefined) {
      await harness.event("released", { card: signing.address, units: released });
      await harness.event("released", { card: signing.address, units: 1_000n, final: false });
      await harness.event("funded", { card: signing.address, units: 1_000n });
    }
    if (voided === true) await harness.event("voided", { card: signing.address }, { counter: 9 });
    return signing;
  }

  it.each([
    [0, { deposits: 200n }, 101n, revoked],
    [1, { deposits: 200n }, 200n, valid],
    [1, { deposits: 200n }, 201n, revoked],
    [1, { deposits: 150n, released: 50n }, 200n, valid],
    [1, { deposits: 150n, released: 50n }, 201n, revoked],
    [1, { deposits: 50n, voided: true }, 170n, valid],
    [1, { deposits: 99n }, 100n, valid],
  ])("of generation %s with %j, a card that signed %s is of status %s", async (generation, came, units, status) => {
    const signing = await restored(generation, came);
    await signs(signing, units);
    expect(await statusOf(signing)).toBe(status);
  });

  it("counts neither deposits nor releases of other cards", async () => {
    await restored(1, { deposits: 500n, released: 500n });
    const signing = await restored(1, { deposits: 1n });
    const [sale] = await signs(signing, 101n);
    expect(sale === undefined ? null : addressOfKey(sale.cardKey)).toEqual(signing.address);
    expect(await statusOf(signing)).toBe(revoked);
  });
});
