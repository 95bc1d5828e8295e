import { Inject, Injectable } from "@nestjs/common";
import type { z } from "zod";
import { Policies } from "../../config/policies.ts";
import { Access } from "../../doors/access.ts";
import type { Caller } from "../../doors/caller.ts";
import { JournalMaintenance } from "../../journal/maintenance.ts";
import { TapStore } from "../../journal/payments/tap-store.ts";
import { VoucherStore } from "../../journal/payments/voucher-store.ts";
import { RefundService } from "../../refunds/refund-service.ts";
import { TapError } from "../../taps/tap-error.ts";
import { viewOf } from "../../taps/tap-result.ts";
import { readAmount } from "../amount.ts";
import type { ProblemCode } from "../problem.ts";
import { refundToWire } from "./refund-wire.ts";
import type { refundRequestSchema, refundSchema } from "../wire.ts";

/** What a refund of a payment that is known answers with. */
export const REFUND_PROBLEMS: readonly ProblemCode[] = [
  "AMOUNT_REFUSED",
  "TAP_NOT_OPEN",
  "TAP_FINAL",
  "CHAIN_NOT_CONFIGURED",
  "NOT_PAYEE_KEY",
  "PAYING_KEY_UNREADABLE",
  "WRONG_CHAIN",
  "REFUND_ABOVE_PAYMENT",
  "REFUND_DIFFERS",
  "REFUND_WHOLE_ONLY",
  "ALREADY_REFUNDED",
];

/** Money back to the card it came from, asked for by a tap or by its sale. */
@Injectable()
export class RefundCalls {
  constructor(
    @Inject(RefundService) private readonly refunds: RefundService,
    @Inject(TapStore) private readonly taps: TapStore,
    @Inject(VoucherStore) private readonly vouchers: VoucherStore,
    @Inject(Policies) private readonly policies: Policies,
    @Inject(Access) private readonly access: Access,
    @Inject(JournalMaintenance) private readonly maintenance: JournalMaintenance,
  ) {}

  /** Throws DoorError, TapError TAP_UNKNOWN and AMOUNT_REFUSED, RefundError and ChainError. */
  async give(
    tapId: string,
    body: z.output<typeof refundRequestSchema>,
    {
      caller,
      subject,
    }: { readonly caller: Caller | null; /** What the caller names it by. */ readonly subject: string },
  ): Promise<z.output<typeof refundSchema>> {
    this.access.begin(caller, "refund", subject);
    const tap = this.taps.byId(tapId);
    const domain = tap === null ? null : this.policies.of(tap.domainBytes);
    if (tap === null || domain === null)
      throw new TapError("TAP_UNKNOWN", "No tap has this id; the list of taps is at /v1/taps.");
    const amount = body.amount === undefined ? null : readAmount(body.amount, domain.served.asset);
    const refund = await this.refunds.request(tapId, { refundId: body.refundId, amount });
    this.maintenance.soon();
    return refundToWire(refund, { tap: viewOf(tap), voucher: this.vouchers.ofTap(tapId) }, this.policies);
  }
}
