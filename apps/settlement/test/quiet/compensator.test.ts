import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { transferCall } from "@tallystick/vault";
import { LIMITS } from "../../src/foundation/limits/limits.ts";
import { QuietHarness, keyOf, NOW } from "../harness/quiet/quiet-harness.ts";
import { begun } from "../harness/quiet/begun.ts";
import { compensatorOf, considered, forkedAt, type Fork } from "../harness/quiet/quiet-forks.ts";
import { reversalOf, send } from "../harness/quiet/quiet-intake.ts";

let harness: QuietHarness;

beforeAll(async () => {
  harness = await QuietHarness.open();
  harness.chain.latest = 1_000n;
});
afterAll(() => harness.close());
beforeEach(async () => {
  harness.nowMs = NOW * 1_000;
  await harness.takenIn(10n);
  harness.chain.lost.clear();
  harness.chain.other.clear();
});

const open = { state: "forked", dispute: null, ground: null };
const borne = { state: "compensating", dispute: null, ground: null };

/** What the issuer sends to the payee of a voucher. */
async function transfer({ second }: Fork) {
  return harness.db
    .selectFrom("compensations")
    .innerJoin("chain_actions", "chain_actions.id", "compensations.action_id")
    .select(["chain_actions.id", "key", "kind", "target", "data", "amount_units", "payee", "compensations.created_at"])
    .where("voucher_id", "=", keyOf(second))
    .execute();
}

describe("a forked voucher", () => {
  it("is borne once, by one transfer that names it, when the first of its counter is final", async () => {
    const fork = await forkedAt(harness, 700n);
    expect(await considered(harness, fork.second)).toEqual(open);
    await harness.settled(fork.first);
    expect(await considered(harness, fork.second)).toEqual(borne);
    expect(await considered(harness, fork.second)).toEqual(borne);
    const sent = await transfer(fork);
    const id = keyOf(fork.second);
    const call = transferCall({ to: fork.here.payee, baseUnits: 70_000n });
    expect(sent).toMatchObject([
      { key: `compensate:${toHex(id)}`, kind: "compensate", amount_units: 700n, created_at: new Date(harness.nowMs) },
    ]);
    expect(toHex(sent[0]?.data ?? Buffer.alloc(0))).toBe(toHex(Buffer.concat([call, id])));
    expect(toHex(sent[0]?.target ?? Buffer.alloc(0))).toBe(toHex(harness.contract.token));
    // The hold ends when the transfer is final, not before.
    expect(await harness.held(fork.card.address)).toBe(705n);
  });

  it("waits while the node has another block than the one that was taken in, or none", async () => {
    const { first, second } = await forkedAt(harness, 7n);
    await harness.settled(first);
    harness.chain.other.add(10n);
    await harness.db
      .updateTable("chain_cursor")
      .set({ block_hash: Buffer.alloc(32, 1) })
      .execute();
    expect(await considered(harness, second)).toEqual(open);
    harness.chain.other.clear();
    harness.chain.lost.add(10n);
    await harness.takenIn(10n);
    expect(await considered(harness, second)).toEqual(open);
    harness.chain.lost.clear();
    await harness.db.deleteFrom("chain_cursor").execute();
    expect(await considered(harness, second)).toEqual(open);
    await harness.takenIn(10n);
    expect(await considered(harness, second)).toEqual(borne);
  });

  it("that the vault paid is not borne", async () => {
    const { second } = await forkedAt(harness, 7n);
    await harness.settled(second);
    expect((await considered(harness, second)).state).not.toBe("compensating");
  });

  it("that its terminal reversed is not borne, and holds nothing", async () => {
    const fork = await forkedAt(harness, 7n);
    await harness.settled(fork.first);
    await harness.setVoucher(fork.second, "batched");
    await send(harness, fork.here, { reversals: [reversalOf(harness, fork.second)] });
    await harness.setVoucher(fork.second, "forked");
    expect((await considered(harness, fork.second)).state).toBe("cancelled");
    expect(await harness.held(fork.card.address)).toBe(5n);
    expect(await transfer(fork)).toEqual([]);
  });

  it("whose payee released its counter is given up, and holds nothing", async () => {
    const { card, here, second } = await forkedAt(harness, 7n);
    await harness.event("released", { card: card.address, payee: here.payee, units: 1n }, { counter: 1 });
    expect(await considered(harness, second)).toEqual({ state: "disputed", dispute: "GIVEN_UP", ground: null });
    expect(await harness.held(card.address)).toBe(5n);
  });

  it("is borne where another payee released its counter", async () => {
    const { card, elsewhere, second } = await forkedAt(harness, 7n);
    await harness.event("released", { card: card.address, payee: elsewhere.payee, units: 1n }, { counter: 1 });
    expect(await considered(harness, second)).toEqual(borne);
  });

  it.each([
    ["another counter", { counter: 2 }, {}],
    ["this counter, in a block that is not final", { counter: 1 }, { final: false }],
  ])("is open where somebody released %s", async (_what, detail, row) => {
    const { card, elsewhere, second } = await forkedAt(harness, 7n);
    await harness.event("released", { card: card.address, payee: elsewhere.payee, units: 1n, ...row }, detail);
    expect(await considered(harness, second)).toEqual(open);
  });

  it.each([
    [-1, "compensating"],
    [0, "disputed"],
    [1, "disputed"],
  ])("that came %s s after the void of its counter is %s", async (after, state) => {
    const block = 900n;
    harness.nowMs = (harness.chain.timeOf(block) + after) * 1_000;
    const { card, second } = await forkedAt(harness, 7n, { time: harness.chain.timeOf(block) - 60 });
    await harness.event("voided", { card: card.address, block_number: block }, { counter: 1 });
    expect((await considered(harness, second)).state).toBe(state);
  });

  it("that came before a void of which the node has lost the block is not borne", async () => {
    const { card, second } = await forkedAt(harness, 7n);
    await harness.event("voided", { card: card.address, block_number: 900n }, { counter: 1 });
    harness.chain.lost.add(900n);
    expect(await considered(harness, second)).toMatchObject({ state: "disputed", dispute: "VOIDED_BEFORE_IT_CAME" });
  });

  it.each([
    ["flagged, and holds one unit less", { flagged: true, balance: 6n }, "compensating"],
    ["flagged, and holds it", { flagged: true, balance: 7n }, "forked"],
    ["not flagged", { flagged: false, balance: 0n }, "forked"],
  ])("of a card that the vault shows %s is then as it should be", async (_what, slot, state) => {
    const { card, second } = await forkedAt(harness, 7n);
    harness.chain.show(card.address, slot);
    expect((await considered(harness, second)).state).toBe(state);
  });

  it("is judged by what that very block shows, not by what came later", async () => {
    const { card, second } = await forkedAt(harness, 7n);
    harness.chain.show(card.address, { flagged: true, balance: 0n }, 11n);
    expect(await considered(harness, second)).toEqual(open);
  });

  it.each([
    ["cancelled", "received"],
    ["disputed", "received"],
    ["compensated", "received"],
    ["batched", "forked"],
    ["final", "forked"],
  ])("goes to the vault where the other message is %s: it is %s", async (rival, state) => {
    const { first, second } = await forkedAt(harness, 7n);
    await harness.setVoucher(first, rival);
    expect((await considered(harness, second)).state).toBe(state);
  });
});

describe("what is not there to decide", () => {
  it.each(["received", "batched", "final", "cancelled", "released", "refunded", "compensated", "disputed"])(
    "a voucher that is %s stays so",
    async (state) => {
      const fork = await forkedAt(harness, 7n);
      await harness.settled(fork.first);
      await harness.setVoucher(fork.second, state);
      expect((await considered(harness, fork.second)).state).toBe(state);
      expect(await transfer(fork)).toEqual([]);
    },
  );

  it("a voucher that nobody knows", async () => {
    await compensatorOf(harness).consider(Buffer.alloc(32, 1));
  });
});

describe("a transfer that had no effect", () => {
  const resend = () => harness.config.chain.resendMs;
  const ended = async (state: string): Promise<Fork> => {
    const fork = await forkedAt(harness, 7n);
    await harness.settled(fork.first);
    await considered(harness, fork.second);
    const [action] = await transfer(fork);
    await harness.db
      .updateTable("chain_actions")
      .set({ state, changed_at: new Date(harness.nowMs), nonce: null, gas: 4n })
      .where("id", "=", action?.id ?? "")
      .execute();
    return fork;
  };
  const stateOf = async (fork: Fork) => {
    const [action] = await transfer(fork);
    const found = harness.db
      .selectFrom("chain_actions")
      .select(["state", "gas"])
      .where("id", "=", action?.id ?? "");
    return found.executeTakeFirstOrThrow();
  };

  it.each(["refused", "failed"])("is planned again where it was %s, after a while", async (state) => {
    const fork = await ended(state);
    harness.nowMs += resend() - 1;
    await considered(harness, fork.second);
    expect(await stateOf(fork)).toEqual({ state, gas: 4n });
    harness.nowMs += 1;
    expect(await considered(harness, fork.second)).toEqual(borne);
    expect(await stateOf(fork)).toEqual({ state: "planned", gas: null });
  });

  it("is not planned again where the vault pays the voucher at this very moment", async () => {
    const fork = await ended("refused");
    harness.nowMs += resend();
    const deciding = await harness.db.transaction().execute(async (trx) => {
      await trx.updateTable("vouchers").set({ state: "final" }).where("id", "=", keyOf(fork.second)).execute();
      return begun(harness.db, () => considered(harness, fork.second));
    });
    await deciding.end;
    expect((await stateOf(fork)).state).toBe("refused");
  });

  it("stays as it is where it is final or on its way", async () => {
    for (const state of ["final", "sent"]) {
      const fork = await ended(state);
      harness.nowMs += 10 * resend();
      await considered(harness, fork.second);
      expect((await stateOf(fork)).state).toBe(state);
    }
  });
});

describe("a voucher that the vault skipped", () => {
  let block = 20n;
  /** A skipped voucher of 50 whose card was opened and funded with so much, as events of the vault show it. */
  async function skipped(units: bigint, row: { attempts?: number } = {}) {
    block += 2n;
    const [card, terminal] = [await harness.card(), await harness.terminal()];
    const sale = await harness.pay(card, terminal, 50n);
    await send(harness, terminal, { vouchers: [sale] });
    await harness.db
      .updateTable("vouchers")
      .set({ state: "skipped", batch_position: 3, waits_for: "BALANCE_TOO_LOW", ...row })
      .where("id", "=", keyOf(sale))
      .execute();
    await harness.event("opened", { card: card.address, block_number: block }, { owner: toHex(card.address) });
    if (units > 0n) await harness.event("funded", { card: card.address, units, block_number: block });
    await harness.takenIn(block);
    return { card, terminal, sale };
  }
  const row = async (sale: Fork["first"]) => {
    const { state, insisted, waits_for: waitsFor, batch_position: position } = await harness.voucher(sale);
    return { state, insisted, waitsFor, position };
  };

  it("is tried again when its card covers it", async () => {
    const { sale } = await skipped(50n);
    await considered(harness, sale);
    expect(await row(sale)).toEqual({ state: "received", insisted: false, waitsFor: null, position: null });
  });

  it("waits while its card does not, and says what for", async () => {
    const { sale } = await skipped(49n);
    await considered(harness, sale);
    expect(await row(sale)).toMatchObject({ state: "skipped", waitsFor: "BALANCE_TOO_LOW" });
  });

  it("waits for what our own batches will leave", async () => {
    const { card, terminal, sale } = await skipped(60n);
    const other = await harness.pay(card, terminal, 11n);
    await send(harness, terminal, { vouchers: [other] });
    await harness.setVoucher(other, "batched");
    await considered(harness, sale);
    expect((await row(sale)).state).toBe("skipped");
    await harness.setVoucher(other, "received");
    await considered(harness, sale);
    expect((await row(sale)).state).toBe("received");
  });

  it("waits for our own batches also where the vault shows that the card covers it", async () => {
    const { card, terminal, sale } = await skipped(60n);
    harness.chain.finalized = block;
    harness.chain.show(card.address, { balance: 60n });
    const other = await harness.pay(card, terminal, 11n);
    await send(harness, terminal, { vouchers: [other] });
    await harness.setVoucher(other, "batched");
    await considered(harness, sale);
    expect(await row(sale)).toMatchObject({ state: "skipped", insisted: false });
  });

  it("is insisted on where the vault itself shows that the card covers it", async () => {
    const { card, sale } = await skipped(49n);
    harness.chain.finalized = block;
    harness.chain.show(card.address, { balance: 50n });
    await considered(harness, sale);
    expect(await row(sale)).toMatchObject({ state: "received", insisted: true });
  });

  it("is not insisted on where the vault shows less", async () => {
    const { card, sale } = await skipped(49n);
    harness.chain.finalized = block;
    harness.chain.show(card.address, { balance: 49n });
    await considered(harness, sale);
    expect(await row(sale)).toMatchObject({ state: "skipped", insisted: false });
  });

  it.each([
    [LIMITS.voucherAttempts - 1, "received"],
    [LIMITS.voucherAttempts, "skipped"],
  ])("that the vault refused %s times is %s", async (attempts, state) => {
    const { sale } = await skipped(50n, { attempts });
    await considered(harness, sale);
    expect((await row(sale)).state).toBe(state);
  });

  it("of a flagged card that cannot cover it is borne by the issuer", async () => {
    const { card, sale } = await skipped(49n);
    harness.chain.show(card.address, { flagged: true, balance: 49n });
    expect(await considered(harness, sale)).toEqual(borne);
    // It shows on which place of its batch it was, and what it waited for.
    expect(await row(sale)).toMatchObject({ position: 3, waitsFor: "BALANCE_TOO_LOW" });
  });
});
