import { describe, expect, it } from "@jest/globals";
import type { RefundRecord } from "../../journal/payments/refund-store.ts";
import type { VoucherRecord } from "../../journal/payments/voucher-record.ts";
import { leftToGiveBack, mayBeDone } from "./may-be-done.ts";
import type { PaymentRecords } from "./payment-records.ts";
import { type PaymentPlace, whereItIs } from "./where-it-is.ts";

const unsent = {
  ...{ reversed: false, delivery: "unsent", settlementState: null, reported: null, tx: null, claimTx: null },
  outcome: null,
} as unknown as VoucherRecord;
const paid: PaymentRecords = { outcome: "accepted", amount: 250n, saleOpen: false, voucher: unsent, refunds: [] };

const sent = (settlementState: string | null, changes: Partial<VoucherRecord> = {}): PaymentRecords => ({
  ...paid,
  voucher: { ...unsent, delivery: "taken", settlementState, ...changes },
});
const said = (state: string): PaymentRecords => sent(state, { reported: "final", tx: "0x1" });
const seen = (kind: "paid" | "released" | "compensated", changes: Partial<VoucherRecord> = {}): PaymentRecords =>
  sent("final", {
    ...{ delivery: "final", reported: "final", outcome: { kind, tx: "0x1", block: 1n } },
    ...changes,
  });
const refund = (amount: bigint, state: RefundRecord["state"]): RefundRecord => ({ amount, state }) as RefundRecord;
const torn: PaymentRecords = { ...paid, outcome: "unresolved", voucher: null };
const refused: PaymentRecords = { ...paid, outcome: "refused", voucher: null };

describe("where a payment is", () => {
  it.each<[PaymentPlace, PaymentRecords]>([
    ["unsent", paid],
    ["batched", sent("batched")],
    ["claimed", { ...paid, voucher: { ...unsent, claimTx: "0x1" } }],
    ["sent", sent("final")],
    ["settled", said("final")],
    ["said-compensated", said("compensated")],
    ["said-released", said("released")],
    ["said-refunded", said("refunded")],
    ["paid-out", seen("paid")],
    ["paid-out", seen("paid", { settlementState: null, reported: null })],
    ["compensated", seen("compensated")],
    ["released", seen("released", { reversed: true })],
    ["said-refunded", seen("paid", { settlementState: "refunded" })],
    ["disputed", sent(null, { delivery: "disputed" })],
    ["reversed", { ...paid, voucher: { ...unsent, reversed: true } }],
    ["not-accepted", { ...refused, voucher: { ...unsent, reversed: true } }],
    ["nowhere", refused],
    ["same-card", { ...torn, saleOpen: true }],
    ["its-card", torn],
    ["refunding", { ...seen("paid"), refunds: [refund(250n, "refunding"), refund(1n, "refused")] }],
    ["not-given-back", { ...seen("paid"), refunds: [refund(250n, "refused")] }],
  ])("is %p", (place, payment) => {
    expect(whereItIs(payment)).toBe(place);
  });
});

describe("what may be done with a payment", () => {
  it.each<[string, PaymentRecords, readonly string[], readonly string[]]>([
    ["unsent", paid, ["reverse"], ["reverse"]],
    ["torn", torn, ["reverse"], ["reverse"]],
    ["sent", sent("batched"), ["refund"], ["reverse"]],
    ["named on the chain", sent(null, { delivery: "unsent", tx: "0x1" }), ["refund"], ["reverse"]],
    ["final as settlement says", said("final"), ["refund"], []],
    ["paid out", seen("paid"), ["refund"], []],
    ["refused", refused, [], []],
    ["reversed", { ...paid, voucher: { ...unsent, reversed: true } }, [], []],
    ["given back whole", { ...seen("paid"), refunds: [refund(250n, "refunding")] }, [], []],
    ["given back in part", { ...seen("paid"), refunds: [refund(100n, "refunded")] }, ["refund"], []],
  ])("that is %s, with and without a key that refunds", (_, payment, withKey, without) => {
    expect(mayBeDone(payment, true)).toEqual(withKey);
    expect(mayBeDone(payment, false)).toEqual(without);
  });

  it("counts what is left without refused refunds, and never below nothing", () => {
    const refunds = [refund(100n, "refunded"), refund(25n, "refunding"), refund(200n, "refused")];
    expect(leftToGiveBack({ ...paid, refunds })).toBe(125n);
    expect(leftToGiveBack({ ...paid, refunds: [refund(251n, "refunded")] })).toBe(0n);
    expect(leftToGiveBack(torn)).toBe(0n);
  });
});
