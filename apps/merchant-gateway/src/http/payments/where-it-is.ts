import type { RefundState } from "../../journal/payments/refund-store.ts";
import type { VoucherRecord } from "../../journal/payments/voucher-record.ts";
import type { PaymentRecords } from "./payment-records.ts";

/** Where a payment is on its way, as a cashier asks. */
export const PAYMENT_PLACES = [
  // Nothing was paid yet, or nothing was accepted.
  ...(["nowhere", "same-card", "its-card", "not-accepted"] as const),
  // On its way, as settlement says.
  ...(["unsent", "sent", "received", "batched", "mined", "skipped", "forked", "disputed", "claimed"] as const),
  // An end that settlement names and this terminal has not seen on the chain.
  ...(["settled", "said-refunded", "said-released", "said-compensated"] as const),
  // An end that a final block shows.
  ...(["paid-out", "released", "compensated"] as const),
  // On its way back, or back.
  ...(["reversed", "releasing", "refunding", "refunded", "not-given-back"] as const),
] as const;

export type PaymentPlace = (typeof PAYMENT_PLACES)[number];

/** What settlement says of a payment that was sent. */
const sent: Readonly<Record<string, PaymentPlace>> = {
  received: "received",
  batched: "batched",
  mined: "mined",
  skipped: "skipped",
  forked: "forked",
};

const said: Readonly<Record<string, PaymentPlace>> = {
  refunded: "said-refunded",
  released: "said-released",
  compensated: "said-compensated",
};

const ends = { paid: "paid-out", released: "released", compensated: "compensated" } as const;

const refundPlaces: { readonly [state in Exclude<RefundState, "refused">]: PaymentPlace } = {
  reversed: "reversed",
  releasing: "releasing",
  refunding: "refunding",
  refunded: "refunded",
};

/** Where a payment is: what this terminal saw on the chain before what settlement says, and that before what was sent. */
export function whereItIs({ outcome, saleOpen, voucher, refunds }: PaymentRecords): PaymentPlace {
  if (voucher === null) return outcome === "unresolved" ? (saleOpen ? "same-card" : "its-card") : "nowhere";
  if (outcome === "refused") return "not-accepted";
  const refund = refunds.findLast(({ state }) => state !== "refused");
  if (refund !== undefined && refund.state !== "refused") return refundPlaces[refund.state];
  if (voucher.outcome?.kind === "released") return "released";
  if (voucher.reversed) return "reversed";
  return refunds.at(-1)?.state === "refused" ? "not-given-back" : onItsWay(voucher);
}

function onItsWay({ delivery, settlementState, reported, outcome, claimTx }: VoucherRecord): PaymentPlace {
  const state = settlementState ?? "";
  if (reported === "final" && state === "refunded") return "said-refunded";
  if (outcome !== null) return ends[outcome.kind];
  if (reported === "final") return said[state] ?? "settled";
  if (claimTx !== null) return "claimed";
  if (delivery === "disputed") return "disputed";
  return delivery === "taken" ? (sent[state] ?? "sent") : "unsent";
}
