import type { RefundRecord } from "../../journal/payments/refund-store.ts";
import type { VoucherRecord } from "../../journal/payments/voucher-record.ts";
import type { TapOutcomeName } from "../../taps/tap-result.ts";

/** What the journal has of one payment: its tap, what the card signed, and what was given back of it. */
export interface PaymentRecords {
  readonly outcome: TapOutcomeName;
  /** Units. */
  readonly amount: bigint;
  readonly saleOpen: boolean;
  readonly voucher: VoucherRecord | null;
  readonly refunds: readonly RefundRecord[];
}
