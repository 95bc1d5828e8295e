import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { toHex } from "@tallystick/protocol";
import { BareJournal, bareDomain, filled } from "../../../test/harness/bare-journal.ts";
import { codeOf } from "../../../test/harness/codes.ts";
import type { TapRecord } from "./tap-record.ts";
import type { VoucherRecord } from "./voucher-record.ts";

let bare: BareJournal;
const other = filled(28, 8);

beforeEach(() => {
  bare = new BareJournal();
});

afterEach(() => {
  bare.remove();
});

function tapOf(id: string): TapRecord {
  const tap = bare.journal.taps.byId(id);
  if (tap === null) throw new Error(`tap ${id} is not there`);
  return tap;
}

const idsOf = (taps: readonly TapRecord[]): readonly string[] => taps.map(({ id }) => id);
const tapsOf = (vouchers: readonly VoucherRecord[]): readonly string[] => vouchers.map(({ tapId }) => tapId);

/** Closes the sale of a tap that waits, so that another may be intended. */
function leave(id: string, to: "unresolved" | "refused" = "unresolved", code: string | null = null): void {
  bare.journal.taps.finish({
    ...{ id, from: "intent", to, saleOpen: false, code, sw: null, apdus: 1, answer: null, voucherId: null },
    ...{ spentAfter: null, now: 1_001 },
  });
}

describe("a tap", () => {
  it("that was refused before PAY is kept as it was, and in the event log", () => {
    const refused = {
      ...{
        id: "r",
        saleId: "s",
        lane: "1",
        domainBytes: bareDomain,
        amount: 7n,
        cardKey: filled(33, 7),
        code: "PIN_NEEDED",
      },
      ...{ sw: "6982", apdus: 3, spentBefore: 9n, now: 500 },
    };
    bare.journal.taps.refuse(refused);
    bare.journal.taps.refuse({ ...refused, id: "q", cardKey: null, sw: null, spentBefore: null });
    const { id, saleId, lane, domainBytes, amount, cardKey, code, sw, apdus, spentBefore } = refused;
    const record = {
      ...{ id, saleId, lane, saleOpen: false, state: "refused", domainBytes, amount, createdAt: 500, changedAt: 500 },
      ...{ intent: null, code, sw, apdus, cardKey, answer: null, voucherId: null, spentBefore, spentAfter: null },
      readBack: false,
    };
    expect(tapOf("r")).toEqual(record);
    expect(tapOf("q")).toEqual({ ...record, id: "q", cardKey: null, sw: null, spentBefore: null });
    expect(bare.journal.taps.byId("nothing")).toBeNull();
    expect(bare.events()[0]).toEqual({
      ...{ at: 500, kind: "tap", subject: "r", state: "refused" },
      details: { saleId: "s", lane: "1", amount: "7", code: "PIN_NEEDED", sw: "6982" },
    });
  });

  it("keeps its intent, and what came of it beside that", () => {
    const id = bare.intend();
    const intended = {
      ...{
        id,
        saleId: `sale-${id}`,
        lane: "1",
        saleOpen: true,
        state: "intent",
        domainBytes: bareDomain,
        amount: 250n,
      },
      ...{ createdAt: 1_000, changedAt: 1_000, code: null, sw: null, apdus: 0, cardKey: filled(33, 7) },
      intent: {
        ...{ selectAnswer: filled(234, 4), request: filled(67, 5), counter: 5, requestTime: 1_000, pinVerified: false },
      },
      ...{ answer: null, voucherId: null, spentBefore: 100n, spentAfter: null, readBack: false },
    };
    expect(tapOf(id)).toEqual(intended);
    expect(bare.journal.taps.openSale("1")).toEqual(intended);
    bare.journal.taps.renew(tapOf(id), { selectAnswer: filled(234, 6), pinVerified: true }, 1_001);
    const renewed = { ...intended.intent, selectAnswer: filled(234, 6), pinVerified: true };
    expect(tapOf(id)).toEqual({ ...intended, intent: renewed, changedAt: 1_001 });
    const answer = filled(48, 6);
    const torn = { id, from: "intent", to: "unresolved", saleOpen: true, code: "CARD_REMOVED", sw: "9000" } as const;
    const nothing = { answer: null, voucherId: null, spentAfter: null };
    bare.journal.taps.finish({ ...torn, apdus: 2, answer, voucherId: null, spentAfter: 350n, now: 1_002 });
    // What is not known this time stays; attempts add up.
    bare.journal.taps.finish({ ...torn, ...nothing, from: "unresolved", code: null, sw: null, apdus: 3, now: 1_003 });
    expect(tapOf(id)).toMatchObject({ code: null, sw: "9000", apdus: 5, answer, spentAfter: 350n, changedAt: 1_003 });
    expect(tapOf(id)).toMatchObject({ state: "unresolved", saleOpen: true });
    bare.journal.taps.closeSale(tapOf(id), 1_004);
    expect(tapOf(id)).toMatchObject({ saleOpen: false, changedAt: 1_004 });
    expect(bare.journal.taps.openSale("1")).toBeNull();
    expect(codeOf(() => bare.journal.taps.finish({ ...torn, ...nothing, apdus: 1, now: 1_005 }))).toBe(
      "JOURNAL_STATE_CONFLICT",
    );
    const [first, renewal, finished, , closed] = bare.events();
    expect(first).toMatchObject({ kind: "tap", subject: id, state: "intent", at: 1_000 });
    expect(first?.details).toEqual({
      ...{ saleId: `sale-${id}`, lane: "1", cardKey: toHex(filled(33, 7)) },
      ...{ select: toHex(filled(234, 4)), request: toHex(filled(67, 5)) },
    });
    expect(renewal).toMatchObject({ state: "intent", details: { select: toHex(filled(234, 6)), pinVerified: true } });
    expect(finished).toMatchObject({
      ...{ at: 1_002, state: "unresolved" },
      details: { code: "CARD_REMOVED", sw: "9000", answer: toHex(answer), voucherId: null },
    });
    expect(closed).toMatchObject({ state: "unresolved", details: { saleOpen: false } });
  });

  it("is found by its sale, the newest one, and in pages from the newest on", () => {
    const first = bare.intend({ saleId: "one", now: 1_000 });
    leave(first);
    const second = bare.intend({ saleId: "one", now: 1_000 });
    leave(second);
    const third = bare.intend({ saleId: "one", now: 999 });
    leave(third);
    const fourth = bare.intend({ saleId: "two", now: 1_001 });
    expect(bare.journal.taps.bySale("one")?.id).toBe(second);
    expect([bare.journal.taps.bySale("two")?.id, bare.journal.taps.bySale("none")]).toEqual([fourth, null]);
    const { taps } = bare.journal;
    expect(idsOf(taps.recent(10))).toEqual([fourth, second, first, third]);
    expect(idsOf(taps.recent(2))).toEqual([fourth, second]);
    expect(idsOf(taps.recent(2, second))).toEqual([first, third]);
    expect(idsOf(taps.recent(1, fourth))).toEqual([second]);
    expect(idsOf(taps.recent(5, third))).toEqual([]);
    expect(idsOf(taps.unresolved())).toEqual([third, first, second, fourth]);
  });

  it("that waits is found by its card and domain, lowest counter first", () => {
    const made = [
      { counter: 9 },
      { counter: 3 },
      { counter: 4, card: 8 },
      { counter: 2, domainBytes: other },
      { counter: 3, now: 999 },
    ].map((options) => {
      const id = bare.intend(options);
      leave(id);
      return id;
    });
    const refused = bare.intend({ counter: 1 });
    leave(refused, "refused", "COUNTER_USED_TWICE");
    const { taps } = bare.journal;
    expect(idsOf(taps.unresolvedOf(bareDomain, filled(33, 7)))).toEqual([made[4], made[1], made[0]]);
    expect(idsOf(taps.unresolvedOf(other, filled(33, 7)))).toEqual([made[3]]);
    expect(idsOf(taps.unresolvedOf(bareDomain, filled(33, 6)))).toEqual([]);
  });

  it.each([
    ["COUNTER_USED_TWICE", true],
    ["SIGHTING_MISMATCH", true],
    ["CARD_REMOVED", false],
  ])("with the code %s convicts its card: %s, in its domain alone", (code, convicts) => {
    leave(bare.intend(), "refused", code);
    const { taps } = bare.journal;
    expect(taps.convicts(bareDomain, filled(33, 7))).toBe(convicts);
    expect(taps.convicts(other, filled(33, 7))).toBe(false);
    expect(taps.convicts(bareDomain, filled(33, 8))).toBe(false);
  });

  it("that was reversed is asked of its card once, up to a counter", () => {
    const reversed = [9, 3, 5, 3].map((counter, index) => {
      const id = bare.intend({ counter, now: 1_000 - index });
      leave(id);
      bare.journal.taps.finish({
        ...{ id, from: "unresolved", to: "reversed", saleOpen: false, code: null, sw: null, apdus: 0, answer: null },
        ...{ voucherId: null, spentAfter: null, now: 1_002 },
      });
      return id;
    });
    const card = { domainBytes: bareDomain, cardKey: filled(33, 7) };
    const { taps } = bare.journal;
    expect(idsOf(taps.toReadBack({ ...card, counter: 8 }, 9))).toEqual([reversed[3], reversed[1], reversed[2]]);
    expect(idsOf(taps.toReadBack({ ...card, counter: 9 }, 9))).toHaveLength(4);
    expect(idsOf(taps.toReadBack({ ...card, counter: 9 }, 2))).toEqual([reversed[3], reversed[1]]);
    expect(idsOf(taps.toReadBackAt(card, 3)).toSorted()).toEqual([reversed[1], reversed[3]]);
    taps.readBack(tapOf(reversed[1] ?? ""), 1_003);
    expect(tapOf(reversed[1] ?? "")).toMatchObject({ readBack: true, changedAt: 1_003, state: "reversed" });
    expect(idsOf(taps.toReadBackAt(card, 3))).toEqual([reversed[3]]);
    expect(idsOf(taps.toReadBack({ ...card, counter: 3 }, 9))).toEqual([reversed[3]]);
    for (const elsewhere of [
      { ...card, domainBytes: other },
      { ...card, cardKey: filled(33, 8) },
    ])
      expect([taps.toReadBack({ ...elsewhere, counter: 9 }, 9), taps.toReadBackAt(elsewhere, 3)]).toEqual([[], []]);
    expect(bare.events().at(-1)).toMatchObject({ kind: "tap", state: "cancelled", details: { readBack: true } });
  });
});

describe("a voucher", () => {
  it("is kept as its card signed it, with what is said of it beside that", () => {
    const { id, tapId } = bare.pay({ software: true, amount: 9n, counter: 4, now: 77 });
    const fresh: VoucherRecord = {
      ...{ id, tapId, domainBytes: bareDomain, cardKey: filled(33, 7), counter: 4, amount: 9n, requestTime: 77 },
      ...{ software: true, reversed: false, entry: filled(382, 1), delivery: "unsent", uploadSeq: null, result: null },
      ...{ resultCode: null, settlementState: null, batch: null, tx: null, reported: null, outcome: null },
      ...{ claimTx: null, rivalTx: null, searched: null },
    };
    const { vouchers, outcomes } = bare.journal;
    expect([vouchers.byId(id), vouchers.ofTap(tapId)]).toEqual([fresh, fresh]);
    expect([vouchers.byId(filled(32, 9)), vouchers.ofTap("nothing")]).toEqual([null, null]);
    vouchers.pack([id], 3);
    vouchers.pack([id], 4);
    vouchers.deliver({ id, status: "forked", code: "COUNTER_USED_TWICE", delivery: "taken" }, 2);
    vouchers.follow(id, { state: "batched", batch: "7", tx: "0x1", reported: "reversed" }, 3);
    outcomes.claimed(id, "0x2", 4);
    outcomes.rival(id, "0x3", 5);
    outcomes.rival(id, "0x4", 5);
    outcomes.searched(id, { from: 5n, to: 9n });
    const followed = {
      ...{ ...fresh, delivery: "taken", uploadSeq: 3, result: "forked", resultCode: "COUNTER_USED_TWICE" },
      ...{ settlementState: "batched", batch: "7", tx: "0x1", reported: "reversed", claimTx: "0x2", rivalTx: "0x3" },
      searched: { from: 5n, to: 9n },
    };
    expect(vouchers.byId(id)).toEqual(followed);
    outcomes.end(id, { kind: "compensated", tx: "0x5", block: 12n }, 6);
    outcomes.end(id, { kind: "paid", tx: "0x6", block: 13n }, 7);
    const ended = { ...followed, delivery: "final", outcome: { kind: "compensated", tx: "0x5", block: 12n } };
    expect(vouchers.byId(id)).toEqual(ended);
    vouchers.deliver({ id, status: "duplicate", code: null, delivery: "taken" }, 8);
    expect(vouchers.byId(id)).toMatchObject({ delivery: "final" });
    const delivered = bare.events().filter(({ kind }) => kind === "delivery");
    expect(delivered.map(({ at, state, details }) => [at, state, details])).toEqual([
      [77, "unsent", { entry: toHex(filled(382, 1)) }],
      [2, "taken", { status: "forked", code: "COUNTER_USED_TWICE" }],
      [3, "taken", { state: "batched", batch: "7", tx: "0x1", reported: "reversed" }],
      [4, "taken", { claim: "0x2" }],
      [5, "taken", { rival: "0x3" }],
      [6, "final", { outcome: "compensated", tx: "0x5", block: "12" }],
      [8, "final", { status: "duplicate", code: null }],
    ]);
    expect(delivered.every(({ subject }) => subject === toHex(id))).toBe(true);
  });

  it("enters the log where something is new of it, and not for the same again", () => {
    const { id } = bare.pay();
    const { vouchers, outcomes } = bare.journal;
    vouchers.pack([id], 1);
    const taken = { id, status: "new", code: null, delivery: "taken" } as const;
    vouchers.deliver(taken, 2);
    vouchers.deliver(taken, 3);
    const mined = { state: "mined", batch: null, tx: "0x1", reported: null };
    vouchers.follow(id, mined, 4);
    vouchers.follow(id, mined, 5);
    for (const change of [
      { state: "final" },
      { state: "final", tx: "0x2" },
      { state: "final", tx: "0x2", reported: "final" as const },
    ])
      vouchers.follow(id, { ...mined, ...change }, 6);
    vouchers.follow(filled(32, 9), mined, 7);
    outcomes.claimed(id, null, 8);
    outcomes.claimed(id, "0x3", 9);
    outcomes.claimed(id, "0x3", 10);
    outcomes.claimed(id, null, 11);
    expect(
      bare
        .events()
        .filter(({ kind }) => kind === "delivery")
        .map(({ at }) => at),
    ).toEqual([1_000, 2, 4, 6, 6, 6, 9, 11]);
  });

  it("is packed in the order in which it was taken, of its domain, whatever became of it", () => {
    const made = [bare.pay({ now: 9 }), bare.pay({ now: 5 }), bare.pay({ domainBytes: other }), bare.pay()];
    const { vouchers, outcomes } = bare.journal;
    outcomes.end(made[1]?.id ?? filled(32, 0), { kind: "paid", tx: "0x1", block: 1n }, 2);
    expect(tapsOf(vouchers.toPack(bareDomain, 9))).toEqual([made[0], made[1], made[3]].map((each) => each?.tapId));
    expect(tapsOf(vouchers.toPack(bareDomain, 1))).toEqual([made[0]?.tapId]);
    vouchers.pack(
      [made[1], made[0]].map((each) => each?.id ?? filled(32, 0)),
      4,
    );
    expect(tapsOf(vouchers.ofUpload(bareDomain, 4))).toEqual([made[0]?.tapId, made[1]?.tapId]);
    expect(vouchers.ofUpload(bareDomain, 4).map(({ delivery }) => delivery)).toEqual(["packed", "final"]);
    expect([vouchers.ofUpload(other, 4), vouchers.ofUpload(bareDomain, 5)]).toEqual([[], []]);
    expect(tapsOf(vouchers.toPack(bareDomain, 9))).toEqual([made[3]?.tapId]);
  });

  it("is asked about in turn while settlement has it and reports no end", () => {
    const made = [bare.pay({ now: 100 }), bare.pay({ now: 200 }), bare.pay({ now: 300 }), bare.pay({ now: 400 })];
    const [a, b, c, d] = made.map(({ id }) => id) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const { vouchers } = bare.journal;
    vouchers.pack([a, b, c], 1);
    for (const id of [a, b, c]) vouchers.deliver({ id, status: "new", code: null, delivery: "taken" }, 2);
    const state = { state: "mined", batch: null, tx: null, reported: null };
    vouchers.follow(a, state, 50);
    vouchers.follow(b, state, 40);
    const names = (records: readonly VoucherRecord[]) => records.map(({ id }) => toHex(id));
    expect(names(vouchers.toFollow(bareDomain, 9))).toEqual([c, b, a].map(toHex));
    expect(names(vouchers.toFollow(bareDomain, 2))).toEqual([c, b].map(toHex));
    expect(names(vouchers.toFollowSince(bareDomain, 9, 200))).toEqual([c, b].map(toHex));
    expect(names(vouchers.toFollowSince(bareDomain, 9, 201))).toEqual([toHex(c)]);
    expect(names(vouchers.toFollowSince(bareDomain, 1, 100))).toEqual([toHex(c)]);
    expect([vouchers.toFollow(other, 9), vouchers.toFollowSince(other, 9, 0)]).toEqual([[], []]);
    vouchers.follow(c, { ...state, state: "final", reported: "final" }, 60);
    vouchers.follow(b, { ...state, state: "cancelled", reported: "reversed" }, 60);
    expect(names(vouchers.toFollow(bareDomain, 9))).toEqual([a, b].map(toHex));
    expect(vouchers.byId(d)?.delivery).toBe("unsent");
  });

  it("is followed back after it was given back whole, until settlement shows that", () => {
    const { id, tapId } = bare.pay({ amount: 10n });
    const { vouchers, refunds } = bare.journal;
    vouchers.pack([id], 1);
    vouchers.deliver({ id, status: "new", code: null, delivery: "taken" }, 2);
    const back = (since = 0): number => vouchers.toFollowBack(bareDomain, 9, since).length;
    const give = (refundId: string, amount: bigint, at: number): void => {
      refunds.begin({ tapId, refundId, amount, state: "refunding" }, 5);
      const begun = refunds.byId(tapId, refundId);
      if (begun !== null) refunds.move(begun, { state: "refunded", tx: "0x1", block: 1 }, at);
    };
    give("a", 9n, 100);
    vouchers.follow(id, { state: "final", batch: null, tx: null, reported: "final" }, 3);
    expect(back()).toBe(0);
    give("b", 1n, 200);
    expect([back(), back(200), back(201)]).toEqual([1, 1, 0]);
    expect(vouchers.toFollowBack(other, 9, 0)).toEqual([]);
    expect(vouchers.toFollowBack(bareDomain, 0, 0)).toEqual([]);
    vouchers.follow(id, { state: "final", batch: null, tx: null, reported: null }, 3);
    expect(back()).toBe(0);
    for (const state of ["refunded", "released"]) {
      vouchers.follow(id, { state, batch: null, tx: null, reported: "final" }, 3);
      expect(back()).toBe(0);
    }
  });

  it("is to be returned where it was reversed and nothing gives it back yet", () => {
    const kept = bare.pay();
    const made = [bare.pay({ reversed: true }), bare.pay({ reversed: true }), bare.pay({ reversed: true })];
    const { vouchers, refunds, outcomes, reversals } = bare.journal;
    expect(tapsOf(vouchers.toReturn(9))).toEqual(made.map(({ tapId }) => tapId));
    expect(tapsOf(vouchers.toReturn(1))).toEqual([made[0]?.tapId]);
    refunds.begin({ tapId: made[0]?.tapId ?? "", refundId: "r", amount: 250n, state: "reversed" }, 5);
    outcomes.end(made[1]?.id ?? filled(32, 0), { kind: "released", tx: "0x1", block: 1n }, 2);
    expect(tapsOf(vouchers.toReturn(9))).toEqual([made[2]?.tapId]);
    reversals.add({ id: kept.tapId, domainBytes: bareDomain }, 6);
    expect(tapsOf(vouchers.toReturn(9))).toEqual([kept.tapId, made[2]?.tapId]);
  });
});
