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
    time: refund.madeAt,
  };
}
