import { type Asset, formatAmount } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import type { z } from "zod";
import type { tapDetailSchema, tapResultSchema, tapSchema } from "./wire.ts";
import type { RefundRecord } from "../journal/payments/refund-store.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import { leftToGiveBack, mayBeDone } from "./payments/may-be-done.ts";
import { whereItIs } from "./payments/where-it-is.ts";
import { refundToWire } from "./refunds/refund-wire.ts";
import type { DomainPolicy, Policies } from "../config/policies.ts";
import type { AllowanceChange } from "../journal/payments/allowance-change.ts";
import type { TapResult, TapView } from "../taps/tap-result.ts";

/** A tap as JSON: hexadecimal for bytes, decimal strings in display units for amounts. */
export function tapToWire(tap: TapView, policies: Policies): z.output<typeof tapSchema> {
  const domain = policies.of(tap.domainBytes);
  if (domain === null) throw new RangeError(`tap ${tap.id} is of a domain that this terminal does not serve`);
  const { asset } = domain.served;
  const money = (units: bigint | null): string | null => (units === null ? null : formatAmount(units, asset));
  return {
    id: tap.id,
    saleId: tap.saleId,
    outcome: tap.outcome,
    code: tap.code,
    message: tap.message,
    amount: formatAmount(tap.amount, asset),
    currency: asset.code,
    voucherId: tap.voucherId === null ? null : toHex(tap.voucherId),
    counter: tap.counter,
    card: tap.card === null ? null : toHex(tap.card),
    sw: tap.sw,
    apdus: tap.apdus,
    spentBefore: money(tap.spentBefore),
    spentAfter: money(tap.spentAfter),
    left: money(tap.left),
    payable: money(payableOf(tap, domain)),
    time: tap.time,
    saleOpen: tap.saleOpen,
    update: tap.update === null ? null : updateToWire(tap.update, asset),
  };
}

/** What a card that was refused can pay here instead; null where that is nothing, or nobody knows. */
function payableOf({ outcome, left, cardPerTap }: TapView, { policy }: DomainPolicy): bigint | null {
  if (outcome !== "refused" || left === null || cardPerTap === null || policy === null) return null;
  const bounds = [left, cardPerTap, policy.perTap];
  const most = bounds.reduce((lowest, bound) => (bound < lowest ? bound : lowest));
  return most > 0n ? most : null;
}

/** What a newer allowance changed, with one sentence for each change. */
function updateToWire({ added, lowered, suspended }: AllowanceChange, asset: Asset) {
  const amount = formatAmount(added, asset);
  const message = [
    ...(added > 0n ? [`${amount} ${asset.code} added to this card.`] : []),
    ...(lowered ? ["The issuer has lowered a limit of this card."] : []),
    ...(suspended ? ["The issuer has suspended this card."] : []),
  ].join(" ");
  return { added: amount, lowered, suspended, message };
}

/** Units of a tap's currency as people see them. */
export function amountOf({ domainBytes }: Pick<TapView, "domainBytes">, units: bigint, policies: Policies): string {
  const domain = policies.of(domainBytes);
  if (domain === null) throw new RangeError("an amount is of a domain that this terminal does not serve");
  return formatAmount(units, domain.served.asset);
}

export function tapResultToWire(result: TapResult, policies: Policies): z.output<typeof tapResultSchema> {
  return { ...tapToWire(result, policies), resolved: result.resolved.map((tap) => tapToWire(tap, policies)) };
}

export function tapDetailToWire(
  tap: TapView,
  known: {
    readonly voucher: VoucherRecord | null;
    readonly refunds: readonly RefundRecord[];
    /** Whether this terminal can give back what was sent. */
    readonly givesBack: boolean;
  },
  policies: Policies,
): z.output<typeof tapDetailSchema> {
  const { voucher } = known;
  const payment = { ...tap, voucher, refunds: known.refunds };
  const may = mayBeDone(payment, known.givesBack);
  const place = whereItIs(payment);
  const refundable = may.includes("refund") ? amountOf(tap, leftToGiveBack(payment), policies) : null;
  const refunds = known.refunds.map((refund) => refundToWire(refund, { tap, voucher }, policies));
  const about = { refunds, place, may, refundable };
  if (voucher === null) return { ...tapToWire(tap, policies), voucher: null, ...about };
  const { reversed, delivery, result, resultCode, settlementState: state, reported, batch, tx, claimTx } = voucher;
  const { outcome } = voucher;
  return {
    ...tapToWire(tap, policies),
    voucher: {
      ...{ reversed, delivery, result, resultCode, state, reported, batch, tx, claimTx },
      outcome: outcome?.kind ?? null,
      outcomeTx: outcome?.tx ?? null,
      outcomeBlock: outcome === null ? null : Number(outcome.block),
    },
    ...about,
  };
}
