import { formatAmount } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import type { z } from "zod";
import type { refundSchema } from "../wire.ts";
import type { RefundRecord, RefundState } from "../../journal/payments/refund-store.ts";
import type { VoucherRecord } from "../../journal/payments/voucher-record.ts";
import type { Policies } from "../../config/policies.ts";
import type { TapView } from "../../taps/tap-result.ts";
import { refundMessage } from "../../refunds/refund-messages.ts";

const stateMessages: { readonly [state in RefundState]: string } = {
  reversed: "The payment is reversed before it was paid; its value goes back to the card.",
  releasing: "The payment is being released on the chain; its value goes back to the card.",
  refunding: "The amount is being given back to the card on the chain.",
  refunded: "The value is back behind the card.",
  refused: "Nothing was given back.",
};

/** Codes of a refund that nobody but this terminal knows of yet. */
const heldHere: ReadonlySet<string> = new Set(["WAITING_FOR_UPLOAD", "WAITING_FOR_SETTLEMENT", "RPC_UNREACHABLE"]);

/** Whether nothing of a refund has left the terminal: neither its payment nor its order. */
export function isQueued({ state, code }: RefundRecord, voucher: VoucherRecord | null): boolean {
  if (state === "refunded" || state === "refused") return false;
  const isUnsent = voucher === null || voucher.delivery === "unsent" || voucher.delivery === "packed";
  return isUnsent || (code !== null && heldHere.has(code));
}

/** What the customer's receipt says. */
function receiptOf({ state }: RefundRecord, queued: boolean): string {
  if (state === "refunded") return "The amount is back on the card.";
  if (state === "refused") return "The amount was not given back.";
  if (queued)
    return "The refund is accepted and leaves with this terminal's next connection; then it comes to the card.";
  return "The refund is on its way to the card.";
}

/** A refund as JSON. */
export function refundToWire(
  refund: RefundRecord,
  of: { readonly tap: TapView; readonly voucher: VoucherRecord | null },
  policies: Policies,
): z.output<typeof refundSchema> {
  const domain = policies.of(of.tap.domainBytes);
  if (domain === null)
    throw new RangeError(`refund ${refund.refundId} is of a domain that this terminal does not serve`);
  const { asset } = domain.served;
  const queued = isQueued(refund, of.voucher);
  const why = refund.code === null ? "" : ` ${refundMessage(refund.code)}`;
  return {
    refundId: refund.refundId,
    tapId: refund.tapId,
    state: refund.state,
    amount: formatAmount(refund.amount, asset),
    currency: asset.code,
    card: of.tap.card === null ? null : toHex(of.tap.card),
    voucherId: of.voucher === null ? null : toHex(of.voucher.id),
    tx: refund.tx,
    block: refund.block,
    code: refund.code,
    message: `${stateMessages[refund.state]}${why}${refund.detail === null ? "" : ` (${refund.detail})`}`,
    queued,
    receipt: receiptOf(refund, queued),
    time: refund.madeAt,
  };
}
