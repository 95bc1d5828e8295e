import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { BareJournal, bareDomain, filled } from "../../../test/harness/bare-journal.ts";
import { codeOf, UNIQUE } from "../../../test/harness/codes.ts";
import { NOT_FINAL_PAGE } from "../../limits.ts";
import type { ReturnOrderRecord } from "./return-order-store.ts";
import type { SetAside } from "./set-aside-store.ts";
import type { UploadRecord } from "./upload-store.ts";
import type { VoucherRecord } from "./voucher-record.ts";

let bare: BareJournal;
const other = filled(28, 8);
const subject = toHex(bareDomain);

beforeEach(() => {
  bare = new BareJournal();
});

afterEach(() => {
  bare.remove();
});

const tapsOf = (vouchers: readonly VoucherRecord[]): readonly string[] => vouchers.map(({ tapId }) => tapId);
const seqsOf = (uploads: readonly { readonly seq: number }[]): readonly number[] => uploads.map(({ seq }) => seq);

describe("an upload", () => {
  it("is pending until it was answered, and the last is the newest, of each domain", () => {
    const { uploads } = bare.journal;
    expect([uploads.last(bareDomain), uploads.pending(bareDomain), uploads.chainEnd(bareDomain)]).toEqual([
      null,
      null,
      null,
    ]);
    const [first, second] = [bare.upload(1), bare.upload(2)];
    bare.upload(1, other);
    expect([uploads.pending(bareDomain), uploads.last(bareDomain)]).toEqual([first, second]);
    uploads.answer(first, 5);
    uploads.answer(first, 6);
    expect([uploads.pending(bareDomain), uploads.lastToSend(bareDomain)]).toEqual([second, second]);
    uploads.answer(second, 7);
    expect(uploads.pending(bareDomain)).toBeNull();
    expect(uploads.last(bareDomain)).toEqual({ ...second, state: "answered" });
    expect(uploads.pending(other)).toMatchObject({ seq: 1, state: "packed" });
    expect(uploads.chainEnd(bareDomain)).toEqual({ seq: 2, head: second.head });
    expect(bare.events().map(({ at, state, subject: of }) => [at, state, of])).toEqual([
      [2, "packed", `${subject}/1`],
      [2, "packed", `${subject}/2`],
      [2, "packed", `${toHex(other)}/1`],
      [5, "answered", `${subject}/1`],
      [7, "answered", `${subject}/2`],
    ]);
  });

  it("that the journal forgot is known until a person accepts it, and is followed then", () => {
    const held = bare.upload(1);
    const { uploads } = bare.journal;
    const lost = (seq: number) => ({ domainBytes: bareDomain, seq, head: filled(128, seq), signature: filled(64, 1) });
    expect(uploads.forget({ ...held }, 3)).toBe(false);
    expect(uploads.hasForgotten()).toBe(false);
    expect([uploads.forget(lost(4), 3), uploads.forget(lost(4), 4), uploads.forget(lost(6), 5)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(uploads.hasForgotten()).toBe(true);
    expect(uploads.chainEnd(bareDomain)).toMatchObject({ seq: 1 });
    uploads.acceptForgotten(9);
    expect(uploads.hasForgotten()).toBe(false);
    expect(uploads.chainEnd(bareDomain)).toEqual({ seq: 6, head: filled(128, 6) });
    // Up to one that was accepted nothing is news; above it all is.
    expect([uploads.forget(lost(5), 10), uploads.forget({ ...lost(7), head: filled(128, 77) }, 10)]).toEqual([
      false,
      true,
    ]);
    expect(uploads.forget({ ...lost(2), domainBytes: other }, 10)).toBe(true);
    expect(uploads.chainEnd(other)).toBeNull();
    const states = bare.events().map(({ at, state, subject: of, details }) => [at, state, of, details["head"]]);
    expect(states.slice(1)).toEqual([
      [3, "forgotten", `${subject}/4`, toHex(filled(128, 4))],
      [5, "forgotten", `${subject}/6`, toHex(filled(128, 6))],
      [9, "accepted", `${subject}/4`, toHex(filled(128, 4))],
      [9, "accepted", `${subject}/6`, toHex(filled(128, 6))],
      [10, "forgotten", `${subject}/7`, toHex(filled(128, 77))],
      [10, "forgotten", `${toHex(other)}/2`, toHex(filled(128, 2))],
    ]);
  });
});

describe("an upload set aside", () => {
  const whole: SetAside = { code: "MALFORMED_UPLOAD", by: "settlement", entries: 2, parcels: 2, alone: false };
  const single: SetAside = { code: "LINE_BODY_TOO_LARGE", by: "anybody", entries: 1, parcels: 1, alone: true };

  function setAside(seq: number, made: SetAside, now = 10): UploadRecord {
    const upload = bare.upload(seq);
    bare.journal.setAside.add(upload, made, now);
    return upload;
  }

  it("is not sent any more, and is told of, the newest first", () => {
    const first = setAside(1, whole);
    const second = setAside(2, whole);
    const third = bare.upload(3);
    const { setAside: store, uploads } = bare.journal;
    expect([uploads.pending(bareDomain), uploads.lastToSend(bareDomain)]).toEqual([third, third]);
    expect([store.has(bareDomain, 1), store.has(bareDomain, 3), store.has(other, 1)]).toEqual([true, false, false]);
    expect(store.untold(bareDomain, 9)).toEqual([second, first]);
    expect([store.untold(bareDomain, 1), store.untold(other, 9)]).toEqual([[second], []]);
    expect(store.openCount()).toBe(2);
    store.tell(bareDomain, [2, 3]);
    store.tell(other, [1]);
    expect([seqsOf(store.untold(bareDomain, 9)), store.openCount()]).toEqual([[1], 1]);
    expect(bare.events()[1]).toEqual({
      ...{ at: 10, kind: "upload", subject: `${subject}/1`, state: "set-aside" },
      details: { head: toHex(first.head), code: "MALFORMED_UPLOAD", by: "settlement", entries: 2 },
    });
  });

  it("is split while entries are under its number, oldest first", () => {
    const [voucher, reversed] = [bare.pay(), bare.intend({ saleId: "x" })];
    const { setAside: store, vouchers, reversals } = bare.journal;
    setAside(1, { ...whole, parcels: 1 });
    setAside(2, { ...whole, entries: 3, parcels: 3 });
    setAside(3, single);
    expect(store.toSplit(bareDomain)).toEqual([]);
    vouchers.pack([voucher.id], 2);
    reversals.add({ id: reversed, domainBytes: bareDomain }, 4);
    reversals.pack([reversed], 1);
    expect(store.toSplit(bareDomain)).toEqual([
      { seq: 1, parcels: 1 },
      { seq: 2, parcels: 3 },
    ]);
    expect(store.toSplit(other)).toEqual([]);
    expect(store.reversalsOf(bareDomain, 1).map(({ id }) => id)).toEqual([reversed]);
    expect([store.reversalsOf(bareDomain, 2), store.reversalsOf(other, 1)]).toEqual([[], []]);
    store.move(other, { voucherIds: [voucher.id], tapIds: [reversed] }, 3);
    expect(seqsOf(store.toSplit(bareDomain))).toEqual([1, 2]);
    expect(store.reversalWaits(reversed)).toBe(false);
    store.move(bareDomain, { voucherIds: [voucher.id], tapIds: [reversed] }, 3);
    expect([store.toSplit(bareDomain), vouchers.byId(voucher.id)?.uploadSeq]).toEqual([[], 3]);
    expect(store.reversalWaits(reversed)).toBe(true);
    expect(store.reversalWaits(voucher.tapId)).toBe(false);
    vouchers.deliver({ id: voucher.id, status: "new", code: null, delivery: "taken" }, 5);
    reversals.taken(other, 3);
    expect(store.reversalWaits(reversed)).toBe(true);
    reversals.taken(bareDomain, 3);
    expect(store.reversalWaits(reversed)).toBe(false);
    store.move(bareDomain, { voucherIds: [voucher.id], tapIds: [] }, 2);
    expect(vouchers.byId(voucher.id)?.uploadSeq).toBe(3);
  });

  it("that is one entry is tried again where somebody on the way refused it, longest ago first", () => {
    const uploads = [
      setAside(1, single, 30),
      setAside(2, single, 20),
      setAside(3, { ...single, entries: 0, parcels: 0 }, 40),
    ];
    setAside(4, { ...single, by: "settlement" });
    setAside(5, whole);
    const { setAside: store } = bare.journal;
    expect(seqsOf(store.toTryAgain(bareDomain, 9))).toEqual([3, 2, 1]);
    expect(store.toTryAgain(bareDomain, 1)).toEqual([uploads[2]]);
    expect([store.toTryAgain(other, 9), store.isTelling(other), store.isTelling(bareDomain)]).toEqual([
      [],
      false,
      true,
    ]);
    const [first, , telling] = uploads as [UploadRecord, UploadRecord, UploadRecord];
    // Refused again, by settlement this time: nobody on the way is asked again.
    store.add(telling, { ...single, entries: 0, parcels: 0, by: "settlement", code: "MALFORMED_UPLOAD" }, 50);
    expect([seqsOf(store.toTryAgain(bareDomain, 9)), store.isTelling(bareDomain)]).toEqual([[2, 1], false]);
    store.add(uploads[1] as UploadRecord, single, 60);
    expect(seqsOf(store.toTryAgain(bareDomain, 9))).toEqual([1, 2]);
    store.tell(bareDomain, [1, 2, 3, 4, 5]);
    expect(store.openCount()).toBe(2);
    bare.journal.uploads.answer(first, 70);
    expect([seqsOf(store.toTryAgain(bareDomain, 9)), store.openCount()]).toEqual([[2], 1]);
  });
});

describe("a reversal", () => {
  it("goes with its voucher or by itself, in one upload, and is added once", () => {
    const { reversals, vouchers } = bare.journal;
    const [paid, late] = [bare.pay(), bare.pay()];
    const torn = bare.intend({ saleId: "x" });
    vouchers.pack([late.id], 1);
    for (const id of [paid.tapId, late.tapId, torn, torn]) reversals.add({ id, domainBytes: bareDomain }, 4);
    expect([reversals.has(torn), reversals.has("nothing")]).toEqual([true, false]);
    expect(reversals.toPack(bareDomain, 9).map(({ id }) => id)).toEqual([late.tapId, torn]);
    expect(reversals.toPack(bareDomain, 1).map(({ id }) => id)).toEqual([late.tapId]);
    expect(reversals.toPack(other, 9)).toEqual([]);
    expect(reversals.unsentOf(paid.tapId)).toMatchObject({ id: paid.tapId });
    reversals.pack([paid.tapId, torn], 2);
    reversals.pack([torn], 3);
    expect([reversals.unsentOf(paid.tapId), reversals.unsentOf("nothing")]).toEqual([null, null]);
    expect(bare.journal.setAside.reversalsOf(bareDomain, 2).map(({ id }) => id)).toEqual([paid.tapId, torn]);
    expect([vouchers.byId(paid.id)?.reversed, vouchers.byId(late.id)?.reversed]).toEqual([true, true]);
    // What was packed before its reversal stays open; the other one counts for nothing.
    expect(vouchers.openSum(bareDomain, filled(33, 7))).toBe(250n);
    const [event] = bare.events().filter(({ kind }) => kind === "cancellation");
    expect(event).toMatchObject({ at: 4, subject: paid.tapId, state: "unsent", details: {} });
  });
});

describe("a receipt", () => {
  it("is the first of its upload, and says of its vouchers that they arrived", () => {
    bare.upload(1);
    const { receipts } = bare.journal;
    expect(receipts.of(bareDomain, 1)).toBeNull();
    const first = { receipt: filled(101, 1), signature: filled(64, 1), receivedAt: 77 };
    receipts.keep(bareDomain, 1, first, 80);
    receipts.keep(bareDomain, 1, { ...first, receivedAt: 78 }, 81);
    expect(receipts.of(bareDomain, 1)).toEqual(first);
    expect([receipts.of(bareDomain, 2), receipts.of(other, 1)]).toEqual([null, null]);
    const logged = bare.events().filter(({ kind }) => kind === "receipt");
    expect(logged).toEqual([
      {
        ...{ at: 80, kind: "receipt", subject: `${subject}/1`, state: "held" },
        details: { receipt: toHex(first.receipt), signature: toHex(first.signature) },
      },
    ]);
  });
});

describe("what the chain shows", () => {
  it("is looked up for new payments in each pass, and for older ones longest ago first", () => {
    const made = [100, 200, 300, 400].map((now) => bare.pay({ now }));
    const { vouchers, outcomes } = bare.journal;
    const ids = made.map(({ id }) => id);
    for (const id of ids.slice(0, 3))
      vouchers.follow(id, { state: "mined", batch: null, tx: "0x1", reported: null }, 1);
    const [a, b, c, d] = made.map(({ tapId }) => tapId);
    const check = (since: number, checkedBefore: number, limit = 9) =>
      tapsOf(outcomes.toCheck(bareDomain, limit, { since, checkedBefore }));
    expect(check(0, 0)).toEqual([a, b, c]);
    outcomes.claimed(ids[3] ?? filled(32, 0), "0x2", 1);
    outcomes.checked(ids.slice(0, 2), 50);
    outcomes.checked(ids.slice(1, 2), 40);
    expect(check(200, 0)).toEqual([c, d, b]);
    expect(check(200, 49)).toEqual([c, d, b]);
    expect(check(200, 50)).toEqual([c, d, b, a]);
    expect(check(201, 50)).toEqual([c, d, b, a]);
    expect(check(401, 40, 2)).toEqual([c, d]);
    expect(check(200, 50, 3)).toEqual([c, d, b]);
    outcomes.end(ids[2] ?? filled(32, 0), { kind: "paid", tx: "0x1", block: 1n }, 2);
    expect(check(0, 50)).toEqual([d, b, a]);
    expect(outcomes.toCheck(other, 9, { since: 0, checkedBefore: 99 })).toEqual([]);
  });

  it("is not known of what is not final, payments since a time first, the oldest of each first", () => {
    const made = [300, 100, 400, 200].map((now) => bare.pay({ now, counter: now / 100 }));
    bare.pay({ domainBytes: other, counter: 3 });
    const { outcomes } = bare.journal;
    const [c, a, d, b] = made.map(({ tapId }) => tapId);
    const all = (since?: number) => tapsOf([...outcomes.notFinal(bareDomain, since)].flat());
    expect(all()).toEqual([a, b, c, d]);
    expect(all(300)).toEqual([c, d, a, b]);
    expect(all(301)).toEqual([d, a, b, c]);
    expect(tapsOf(outcomes.ofCounter(bareDomain, 3))).toEqual([c]);
    outcomes.end(made[0]?.id ?? filled(32, 0), { kind: "paid", tx: "0x1", block: 1n }, 2);
    expect(all(300)).toEqual([d, a, b]);
    expect(outcomes.ofCounter(bareDomain, 3)).toEqual([]);
    expect(outcomes.ofCounter(other, 3)).toHaveLength(1);
  });

  it("is read page by page, each payment once, though a page ends between two of one second", () => {
    const made = Array.from({ length: NOT_FINAL_PAGE + 2 }, (_, place) =>
      bare.pay({ now: 100 + Math.floor(place / 3), counter: place + 1 }),
    );
    const pages = [...bare.journal.outcomes.notFinal(bareDomain)];
    expect(pages.map(({ length }) => length)).toEqual([NOT_FINAL_PAGE, 2]);
    expect(new Set(tapsOf(pages.flat()))).toEqual(new Set(made.map(({ tapId }) => tapId)));
  });

  it("is claimed when a payment is old enough, by whether its upload arrived", () => {
    const { outcomes, vouchers, receipts, reversals } = bare.journal;
    const [early, later] = [bare.pay({ now: 100 }), bare.pay({ now: 200 })];
    const due = (withReceipt: number, withoutReceipt: number, domainBytes = bareDomain) =>
      outcomes.isClaimDue(domainBytes, { withReceipt, withoutReceipt });
    expect([due(999, 99), due(0, 100), due(0, 100, other)]).toEqual([false, true, false]);
    bare.upload(1);
    vouchers.pack([early.id], 1);
    receipts.keep(bareDomain, 1, { receipt: filled(101, 1), signature: filled(64, 1), receivedAt: 1 }, 1);
    expect([due(99, 199), due(100, 0), due(0, 200)]).toEqual([false, true, true]);
    outcomes.rival(later.id, "0x1", 2);
    expect(due(0, 999)).toBe(false);
    outcomes.claimed(early.id, "0x2", 3);
    expect(due(999, 999)).toBe(false);
    outcomes.claimed(early.id, null, 3);
    expect(due(999, 999)).toBe(true);
    reversals.add({ id: early.tapId, domainBytes: bareDomain }, 4);
    expect(due(999, 999)).toBe(false);
  });

  it("is missed longest by the oldest payment whose end nobody reports", () => {
    const { outcomes, vouchers, reversals } = bare.journal;
    const made = [400, 100, 300, 200].map((now) => bare.pay({ now }));
    const oldest = () => outcomes.oldestUnreported(bareDomain);
    expect([oldest(), outcomes.oldestUnreported(other)]).toEqual([100, null]);
    outcomes.end(made[1]?.id ?? filled(32, 0), { kind: "paid", tx: "0x1", block: 1n }, 2);
    expect(oldest()).toBe(200);
    vouchers.follow(made[3]?.id ?? filled(32, 0), { state: "final", batch: null, tx: null, reported: "final" }, 2);
    expect(oldest()).toBe(300);
    reversals.add({ id: made[2]?.tapId ?? "", domainBytes: bareDomain }, 4);
    expect(oldest()).toBe(400);
  });

  it("names the vouchers whose counter an owner wants to void", () => {
    const { vouchers, chainEvents, outcomes } = bare.journal;
    const [five, six] = [bare.pay({ counter: 5 }), bare.pay({ counter: 6 })];
    const card = filled(20, 1);
    chainEvents.voidRequested(bareDomain, { card, counter: 5, readyAt: 1 });
    chainEvents.voidRequested(other, { card, counter: 6, readyAt: 1 });
    expect(tapsOf(vouchers.withCounterIn("chain_void", bareDomain))).toEqual([five.tapId]);
    chainEvents.voided(bareDomain, card, 6);
    expect(tapsOf(vouchers.withCounterIn("chain_voided", bareDomain))).toEqual([six.tapId]);
    outcomes.end(six.id, { kind: "paid", tx: "0x1", block: 1n }, 2);
    expect(vouchers.withCounterIn("chain_voided", bareDomain)).toEqual([]);
  });
});

describe("an order of a delegate", () => {
  function order(tapId: string, hash: number, changes: Partial<ReturnOrderRecord> = {}): ReturnOrderRecord {
    return {
      ...{ refund: { tapId, refundId: "r" }, kind: "refund", hash: filled(32, hash), object: filled(74, 2) },
      ...{ signature: filled(64, 3), total: 100n, deadline: 4_600, ...changes },
    };
  }

  function pay(): string {
    const { tapId } = bare.pay();
    for (const refundId of ["r", "s"])
      bare.journal.refunds.begin({ tapId, refundId, amount: 100n, state: "refunding" }, 5);
    return tapId;
  }

  it("is one at a time for a payment, and is counted by how it ended", () => {
    const { returnOrders } = bare.journal;
    const [one, two] = [pay(), pay()];
    expect([returnOrders.open(one), returnOrders.doneTotal(one), returnOrders.totalOf(order(one, 1).refund)]).toEqual([
      ...[null, 0n, null],
    ]);
    const first = order(one, 1);
    returnOrders.begin(first, 10);
    expect(returnOrders.open(one)).toEqual(first);
    expect(codeOf(() => returnOrders.begin(order(one, 2), 11))).toBe(UNIQUE);
    const release = order(two, 3, { kind: "release", object: filled(132, 2), deadline: null, total: 250n });
    returnOrders.begin(release, 12);
    expect([returnOrders.open(two), returnOrders.totalOf(release.refund)]).toEqual([release, null]);
    returnOrders.end(first, "expired", 13);
    expect([returnOrders.open(one), returnOrders.expired(first.refund), returnOrders.doneTotal(one)]).toEqual([
      null,
      1,
      0n,
    ]);
    expect(returnOrders.totalOf(first.refund)).toBe(100n);
    const second = order(one, 4);
    returnOrders.begin(second, 14);
    returnOrders.end(second, "done", 15);
    const third = order(one, 5, { refund: { tapId: one, refundId: "s" }, total: 200n });
    returnOrders.begin(third, 16);
    returnOrders.end(third, "done", 17);
    expect([returnOrders.doneTotal(one), returnOrders.doneTotal(two)]).toEqual([200n, 0n]);
    expect([returnOrders.expired(first.refund), returnOrders.expired(third.refund)]).toEqual([1, 0]);
    expect([returnOrders.totalOf(first.refund), returnOrders.totalOf(third.refund)]).toEqual([100n, 200n]);
    const logged = bare.events().filter(({ kind }) => kind === "return-order");
    expect(logged.map(({ at, state, subject: of }) => [at, state, of]).slice(0, 3)).toEqual([
      [10, "signed", toHex(first.hash)],
      [12, "signed", toHex(release.hash)],
      [13, "expired", toHex(first.hash)],
    ]);
    expect(logged[0]?.details).toEqual({
      ...{ tapId: one, refundId: "r", kind: "refund" },
      ...{ object: toHex(first.object), signature: toHex(first.signature) },
    });
  });

  it("was given by somebody else where a payment is released that nobody here reversed", () => {
    const { returnOrders, outcomes, vouchers } = bare.journal;
    const made = [bare.pay(), bare.pay(), bare.pay({ reversed: true }), bare.pay()];
    const [a, b, c, d] = made.map(({ id }) => id) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    expect(returnOrders.releasedUnordered()).toBe(0);
    outcomes.end(a, { kind: "released", tx: "0x1", block: 1n }, 2);
    outcomes.end(c, { kind: "released", tx: "0x1", block: 1n }, 2);
    outcomes.end(d, { kind: "paid", tx: "0x1", block: 1n }, 2);
    expect(returnOrders.releasedUnordered()).toBe(1);
    vouchers.follow(b, { state: "released", batch: null, tx: null, reported: null }, 3);
    expect(returnOrders.releasedUnordered()).toBe(1);
    vouchers.follow(b, { state: "released", batch: null, tx: null, reported: "final" }, 3);
    expect(returnOrders.releasedUnordered()).toBe(2);
  });
});

describe("what was seen of a card", () => {
  const seen = (counter: number, amount: bigint, spent: bigint, hash = counter) => ({
    ...{ counter, amount, spent, allowanceSeq: 3, link: filled(32, 1), messageHash: filled(32, hash) },
  });
  const card = filled(33, 7);

  it("says what it had spent after a payment, by that and by the next one", () => {
    const { observations } = bare.journal;
    expect(observations.spentAfter(bareDomain, card, 0)).toEqual([0n]);
    expect(observations.spentAfter(bareDomain, card, 5)).toEqual([]);
    observations.add(bareDomain, card, seen(6, 4n, 104n));
    expect(observations.spentAfter(bareDomain, card, 5)).toEqual([100n]);
    observations.add(bareDomain, card, seen(5, 10n, 101n));
    expect([...observations.spentAfter(bareDomain, card, 5)].toSorted()).toEqual([100n, 101n]);
    expect(observations.spentAfter(bareDomain, card, 6)).toEqual([104n]);
    expect(observations.spentAfter(bareDomain, card, 4)).toEqual([91n]);
    expect([observations.spentAfter(other, card, 5), observations.spentAfter(bareDomain, filled(33, 8), 5)]).toEqual([
      [],
      [],
    ]);
  });

  it("is all of a counter and its nearest neighbours, each once", () => {
    const { observations } = bare.journal;
    for (const counter of [2, 4, 5, 7, 9]) observations.add(bareDomain, card, seen(counter, 1n, BigInt(counter)));
    observations.add(bareDomain, card, seen(5, 1n, 6n, 55));
    observations.add(bareDomain, card, seen(5, 1n, 6n, 55));
    expect(observations.around(bareDomain, card, 5)).toEqual([
      ...[seen(5, 1n, 5n), seen(5, 1n, 6n, 55), seen(4, 1n, 4n), seen(7, 1n, 7n)],
    ]);
    expect(observations.around(bareDomain, card, 6).map(({ counter }) => counter)).toEqual([5, 7]);
    expect(observations.around(other, card, 5)).toEqual([]);
  });
});
