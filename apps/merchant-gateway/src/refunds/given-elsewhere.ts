import { parseAmount } from "@tallystick/money";
import type { ServedDomain } from "../config/gateway-config.ts";
import type { Journal } from "../journal/journal.ts";
import type { RefundRecord } from "../journal/payments/refund-store.ts";
import type { TapRecord } from "../journal/payments/tap-record.ts";
import type { VoucherRecord } from "../journal/payments/voucher-record.ts";
import type { FollowedVoucher } from "../sync/settlement-client.ts";
import type { OrdersBySettlement } from "./delegate/orders-by-settlement.ts";
import { MAX_ORDERS_ASKED_AT_ONCE } from "./limits.ts";
import { RefundError } from "./refund-error.ts";

export interface GivenElsewhereParts {
  readonly journal: Pick<Journal, "vouchers" | "refunds" | "returnOrders" | "chainCalls">;
  /** See RefundServiceParts. */
  readonly refundsOf?: ((voucher: VoucherRecord) => Promise<Shown | null>) | undefined;
  /** Throws TapError where the payment's currency is not served any more. */
  readonly servedOf: (tap: TapRecord) => ServedDomain;
  /** Where the terminal's orders went; null where it never was a delegate. */
  readonly orders: Pick<OrdersBySettlement, "transactionOf"> | null;
  /** Whether refunds are still ordered as a delegate, and not made with the payee's key. */
  readonly ordersGoOn: boolean;
}

type Shown = FollowedVoucher["refunds"];

/** An own refund that gives something back, with the transactions that may have done it. */
interface OwnRefund {
  readonly refund: RefundRecord;
  readonly hashes: Set<string>;
}

/**
 * Finds what was given back of a payment without this terminal: by the payee or another delegate,
 * or with a copy of the journal. Settlement names refunds by their transactions, so each of the
 * terminal's own must be known by the one that did it.
 */
export class GivenElsewhere {
  private readonly parts: GivenElsewhereParts;

  constructor(parts: GivenElsewhereParts) {
    this.parts = parts;
  }

  /**
   * Units beside the terminal's own refunds, of which the journal has the sum. Throws
   * ALREADY_REFUNDED where nothing is left.
   */
  async of(tap: TapRecord): Promise<bigint> {
    const { journal, refundsOf, servedOf } = this.parts;
    const voucher = journal.vouchers.ofTap(tap.id);
    if (voucher === null || refundsOf === undefined) return 0n;
    const served = servedOf(tap);
    const shown = (await refundsOf(voucher)) ?? [];
    const refunds = this.ownOf(tap);
    await this.findTransactions(refunds, { shown, voucher, served });
    const sum = shown.reduce((units, { amount }) => units + parseAmount(amount, served.asset), 0n);
    // An order that others came before moves less than its refund says: its total counts theirs
    // (spec §3.11).
    const own = refunds.filter((each) => isShown(each, shown)).reduce((units, { refund }) => units + refund.amount, 0n);
    const given = sum > own ? sum - own : 0n;
    if (given >= tap.amount)
      throw new RefundError("ALREADY_REFUNDED", "Settlement shows that this payment was given back elsewhere.");
    return given;
  }

  private ownOf({ id }: TapRecord): readonly OwnRefund[] {
    const { refunds, chainCalls } = this.parts.journal;
    return refunds
      .ofTap(id)
      .filter(({ state }) => state !== "refused")
      .map((refund) => {
        const hashes = new Set(chainCalls.hashesOfRefund(refund));
        if (refund.tx !== null) hashes.add(refund.tx);
        return { refund, hashes };
      });
  }

  /**
   * Asks what did the orders of own refunds that nothing shows, while something is shown that is
   * nobody's: an order may be final before its refund's next step, or stand in another transaction
   * than was said last.
   */
  private async findTransactions(
    refunds: readonly OwnRefund[],
    {
      shown,
      voucher,
      served,
    }: { readonly shown: Shown; readonly voucher: VoucherRecord; readonly served: ServedDomain },
  ): Promise<void> {
    const { journal, orders, ordersGoOn } = this.parts;
    if (orders === null) return;
    const asked = refunds.flatMap((each) => {
      // What the terminal sends by itself is known by its own hashes.
      const isKnown = isShown(each, shown) || journal.chainCalls.ofRefund(each.refund) !== null;
      // Whoever asks about an order that settlement does not have sends it. That is what a delegate wants; what the
      // payee's key gives back must not be given back by an older order too.
      const signed = ordersGoOn && each.refund.state !== "refunded";
      const order = isKnown ? null : journal.returnOrders.standing(each.refund, { signed });
      return order === null ? [] : [{ ...each, order }];
    });
    for (const { order, hashes } of asked.slice(-MAX_ORDERS_ASKED_AT_ONCE)) {
      if (shown.every(({ tx }) => refunds.some((each) => each.hashes.has(tx)))) return;
      const tx = await orders.transactionOf(served, order, voucher);
      if (tx !== null) hashes.add(tx);
    }
  }
}

function isShown({ hashes }: OwnRefund, shown: Shown): boolean {
  return shown.some(({ tx }) => hashes.has(tx));
}
