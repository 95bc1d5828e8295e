import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { cardStatuses, digestOf, encodeReceipt, voucherEntry, type VoucherBundle } from "@tallystick/protocol";
import { NOW, QuietHarness, keyOf } from "../harness/quiet/quiet-harness.ts";
import { intakeOf, nextUpload, send, statuses } from "../harness/quiet/quiet-intake.ts";
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
  harness.nowMs = NOW * 1_000;
  terminal = await harness.terminal();
  card = await harness.card();
  await harness.forgetWoken();
});

const pay = (amount: bigint, by = card) => harness.pay(by, terminal, amount);
const take = (...vouchers: VoucherBundle[]) => statuses(send(harness, terminal, { vouchers }));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("new vouchers", () => {
  it("are held, wait for a batch, and keep what their terminal and card said", async () => {
    const bundle = await pay(250n);
    expect(await take(bundle)).toEqual([["new", null]]);
    expect(await harness.voucher(bundle)).toMatchObject({
      ...{ state: "received", promised: true, dispute: null, counter: 1n, amount_units: 250n, spent_units: 250n },
      ...{ attempts: 0, batch_id: null, batch_position: null, insisted: false, allowance_seq: 1n },
      ...{ paid_at: BigInt(bundle.context.time), received_at: new Date(harness.nowMs) },
    });
    expect(await harness.held(card.address)).toBe(250n);
    expect(await harness.woken("batch")).toEqual(["due"]);
  });

  it("are known when they come again, hold nothing twice and wake no batch", async () => {
    const bundle = await pay(250n);
    await take(bundle);
    await harness.forgetWoken();
    expect(await take(bundle)).toEqual([["duplicate", null]]);
    expect(await harness.held(card.address)).toBe(250n);
    expect(await harness.woken("batch")).toEqual([]);
  });

  it("are answered in the body's order, with those that are refused and those that stand there twice", async () => {
    const [one, two] = [await pay(1n), await pay(2n)];
    const wrong = { ...two, signature: one.signature };
    const entries = [wrong, two, one, one].map(voucherEntry);
    expect(await statuses(send(harness, terminal, { entries }))).toEqual([
      ["refused", "VOUCHER_SIGNATURE"],
      ["new", null],
      ["new", null],
      ["duplicate", null],
    ]);
    const refused = await harness.db
      .selectFrom("refused_entries")
      .select(["position", "code"])
      .where("voucher_id", "=", keyOf(two))
      .execute();
    expect(refused).toEqual([{ position: 0, code: "VOUCHER_SIGNATURE" }]);
  });

  it("are not promised where they exceed what was signed, and say so in the answer", async () => {
    const small = await harness.card({}, { perTap: 100n });
    const bundle = await harness.pay(small, terminal, 101n);
    expect(await take(bundle)).toEqual([["new", "OVER_PER_TAP"]]);
    expect(await harness.voucher(bundle)).toMatchObject({
      promised: false,
      dispute: "OVER_PER_TAP",
      state: "received",
    });
  });

  it("may be none", async () => {
    expect(await take()).toEqual([]);
    expect(await harness.woken("batch")).toEqual([]);
  });
});

describe("two messages with one counter", () => {
  it("are a fork: the second waits, its card is revoked, and workers are woken for all of it", async () => {
    const clone = card.clone();
    const [first, second] = [await pay(100n), await pay(200n, clone)];
    await take(first);
    await harness.forgetWoken();
    expect(await take(second)).toEqual([["forked", "COUNTER_TAKEN"]]);
    expect((await harness.voucher(first)).state).toBe("received");
    expect(await harness.voucher(second)).toMatchObject({ state: "forked", promised: true });
    expect(await harness.held(card.address)).toBe(300n);
    expect((await harness.cardRow(card)).status).toBe(cardStatuses.revoked);
    const forks = await harness.db.selectFrom("forks").selectAll().where("card", "=", card.address).execute();
    expect(forks).toMatchObject([{ counter: 1n, found_at: new Date(harness.nowMs) }]);
    expect(await harness.woken("batch")).toEqual([]);
    expect(await harness.woken("status-list")).toContain("due");
    expect(await harness.woken("compensate")).toEqual([hex(keyOf(second))]);
    expect(await harness.woken("convict")).toEqual([hex(card.address)]);
  });

  it("in one upload: the first of the body is the first, whatever their ids", async () => {
    for (let turn = 0; turn < 4; turn += 1) {
      const by = await harness.card();
      const [one, two] = [await pay(100n, by.clone()), await pay(200n, by.clone())];
      expect(await take(two, one)).toEqual([
        ["new", null],
        ["forked", "COUNTER_TAKEN"],
      ]);
      expect((await harness.voucher(one)).state).toBe("forked");
    }
  });

  it("of other counters or other cards are none", async () => {
    const other = await harness.card();
    expect(await take(await pay(1n), await pay(1n), await pay(1n, other))).toEqual(Array(3).fill(["new", null]));
    expect((await harness.cardRow(card)).status).toBe(cardStatuses.valid);
  });

  it("what the vault paid outweighs the claim of the one that came first", async () => {
    const clone = card.clone();
    const [first, paid] = [await pay(100n), await pay(200n, clone)];
    await take(first);
    await harness.settled(paid);
    expect(await take(paid)).toEqual([["new", null]]);
    expect((await harness.voucher(paid)).state).toBe("final");
    expect(await harness.held(card.address)).toBe(100n);
  });

  it("what the vault paid is the first, also where no upload brought it", async () => {
    const [unseen, late] = [await pay(100n, card.clone()), await pay(200n, card.clone())];
    await harness.settled(unseen);
    expect(await take(late)).toEqual([["forked", "COUNTER_TAKEN"]]);
    expect((await harness.voucher(late)).state).toBe("forked");
  });
});

describe("a voucher whose counter was released on the chain", () => {
  const released = (row: object, detail = { counter: 1 }) =>
    harness.event("released", { card: card.address, payee: terminal.payee, units: 100n, ...row }, detail);

  it.each([
    ["by another payee", { payee: Buffer.alloc(20, 1) }],
    ["for another amount", { units: 101n }],
  ])("%s is forked: that was another message", async (_what, row) => {
    await released(row);
    expect(await take(await pay(100n))).toEqual([["forked", "COUNTER_TAKEN"]]);
    expect((await harness.cardRow(card)).status).toBe(cardStatuses.revoked);
  });

  it.each([
    ["by its own payee", {}, { counter: 1 }, "released"],
    ["in a block that is not final", { units: 101n, final: false }, { counter: 1 }, "received"],
    ["at another counter", { units: 101n }, { counter: 2 }, "received"],
    ["for another card", { units: 101n, card: Buffer.alloc(20, 1) }, { counter: 1 }, "received"],
    ["nowhere, but voided", { units: 101n, kind: "voided" }, { counter: 1 }, "received"],
  ])("%s is no fork", async (_what, row, detail, state) => {
    await released(row, detail);
    const sale = await pay(100n);
    expect(await take(sale)).toEqual([["new", null]]);
    expect((await harness.voucher(sale)).state).toBe(state);
    expect((await harness.cardRow(card)).status).toBe(cardStatuses.valid);
  });
});

describe("a voucher that comes again with an earlier receipt", () => {
  /** A receipt of this second for the terminal's next upload, as it was given before a restore. */
  async function takeAgain(bundle: VoucherBundle, receivedAt: number, also: readonly VoucherBundle[] = []) {
    const bytes = await nextUpload(terminal, { vouchers: [bundle, ...also] });
    const { domain, payee, terminalId } = terminal;
    const hash = digestOf(bytes.upload);
    const content = { domain, payee, terminalId, issuerKeyId: 1, uploadSeq: terminal.seq - 1, uploadHash: hash };
    const receipt = encodeReceipt({ ...content, receivedAt });
    await intakeOf(harness).take(bytes, { receipt, signature: await harness.issuer.sign(digestOf(receipt)) });
    return hash;
  }
  const proofs = (bundle: VoucherBundle) =>
    harness.db
      .selectFrom("arrival_receipts")
      .select(["upload", "received_at"])
      .where("voucher_id", "=", keyOf(bundle))
      .execute();

  it("keeps what proves that it had arrived, once for each upload", async () => {
    const [bundle, fresh] = [await pay(5n), await pay(6n)];
    await take(bundle);
    const upload = await takeAgain(bundle, NOW - 1, [fresh]);
    const earlier = await takeAgain(bundle, NOW - 50);
    expect(await proofs(bundle)).toEqual([
      { upload: Buffer.from(upload), received_at: BigInt(NOW - 1) },
      { upload: Buffer.from(earlier), received_at: BigInt(NOW - 50) },
    ]);
    expect(await proofs(fresh)).toEqual([]);
    expect((await harness.voucher(fresh)).received_at).toEqual(new Date((NOW - 1) * 1_000));
  });

  it("keeps nothing of a receipt within its own second, or of a later one", async () => {
    const bundle = await pay(5n);
    harness.nowMs = NOW * 1_000 + 999;
    await take(bundle);
    harness.nowMs += 5_000;
    await takeAgain(bundle, NOW);
    await takeAgain(bundle, NOW + 1);
    expect(await proofs(bundle)).toEqual([]);
  });
});

describe("the allowance that a card shows", () => {
  const shown = async () => (await harness.cardRow(card)).shown_seq;

  it("is the newest of its vouchers', and never becomes an older one", async () => {
    const [old, late] = [await pay(1n), await pay(1n)];
    await harness.allow(card, { seq: 5 });
    const newer = await pay(1n);
    await harness.allow(card, { seq: 7 });
    const newest = await pay(1n);
    await take(newer);
    expect(await shown()).toBe(5n);
    await take(old, newest);
    expect(await shown()).toBe(7n);
    await take(late);
    expect(await shown()).toBe(7n);
  });

  it("is not what a voucher names without the issuer's signature under it", async () => {
    const signed = card.allowance;
    if (signed === null) throw new Error("The card has no allowance.");
    card.allowance = { ...signed, body: { ...signed.body, seq: 9 } };
    const named = await pay(1n);
    await take({ ...named, allowanceBody: signed.body });
    expect(await shown()).toBe(0n);
  });
});
