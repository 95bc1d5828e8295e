import { formatAmount } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import type { Policies } from "../config/policies.ts";
import type { LoggedChange, WebhookMessage, WebhookType } from "../journal/merchant/webhook-store.ts";
import type { RefundRecord } from "../journal/payments/refund-store.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { SaleRecord } from "../journal/sales/sale-store.ts";
import { assetOf } from "../reports/report-sums.ts";
import { viewOf } from "../taps/tap-result.ts";

/** What a message tells of. */
export interface Told {
  readonly change: Pick<LoggedChange, "seq" | "at" | "code">;
  readonly type: WebhookType;
  readonly tap: TapRecord;
  /** Null where the tap was no sale's. */
  readonly sale: SaleRecord | null;
  readonly refund: RefundRecord | null;
}

/** A message as it is kept and sent; whoever gets it reads the sale by its id for what came later. */
export function messageOf(
  { change, type, tap, sale, refund }: Told,
  { newId, policies }: { readonly newId: () => string; readonly policies: Pick<Policies, "of"> },
): WebhookMessage {
  const view = viewOf(tap);
  const { domainBytes } = tap;
  const asset = assetOf({ domainBytes, currency: sale?.currency ?? null, decimals: sale?.decimals ?? null }, policies);
  const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : toHex(bytes));
  const data = {
    sale: tap.saleId,
    state: type.slice("sale.".length),
    code: type === "sale.paid" || type === "sale.refunded" ? null : change.code,
    amount: formatAmount(tap.amount, asset),
    currency: asset.code,
    cashier: sale?.cashier ?? null,
    lane: tap.lane,
    reference: sale?.reference ?? null,
    metadata: sale?.metadata ?? {},
    ...{ tap: tap.id, card: hex(view.card), voucherId: hex(tap.voucherId), time: view.time },
    refund:
      refund === null ? null : { refundId: refund.refundId, amount: formatAmount(refund.amount, asset), tx: refund.tx },
  };
  const timestamp = new Date(change.at * 1_000).toISOString();
  return {
    ...{ id: `msg_${newId()}`, seq: change.seq, type, saleId: tap.saleId, at: change.at },
    body: JSON.stringify({ type, timestamp, data }),
  };
}
