import { Body, Controller, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import type { z } from "zod";
import { ApiProblems } from "./api-problems.ts";
import { Policies } from "../config/policies.ts";
import { JournalMaintenance } from "../journal/maintenance.ts";
import { TapStore } from "../journal/payments/tap-store.ts";
import { VoucherStore } from "../journal/payments/voucher-store.ts";
import { RefundService } from "../refunds/refund-service.ts";
import { TapError } from "../taps/tap-error.ts";
import { viewOf } from "../taps/tap-result.ts";
import { readAmount } from "./amount.ts";
import { Answers } from "./describe.ts";
import { refundToWire } from "./refund-wire.ts";
import { refundRequestSchema, refundSchema } from "./wire.ts";

/** Money back to the card it came from. */
@ApiTags("refunds")
@Controller("v1/taps")
export class RefundsController {
  constructor(
    @Inject(RefundService) private readonly refunds: RefundService,
    @Inject(TapStore) private readonly taps: TapStore,
    @Inject(VoucherStore) private readonly vouchers: VoucherStore,
    @Inject(Policies) private readonly policies: Policies,
    @Inject(JournalMaintenance) private readonly maintenance: JournalMaintenance,
  ) {}

  @Post(":id/refund")
  @HttpCode(200)
  @ApiProblems(
    "AMOUNT_REFUSED",
    "TAP_UNKNOWN",
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
  )
  @ApiOperation({
    operationId: "refundPayment",
    summary: "Give a payment back, whole or in part",
    description:
      "Reverses, releases or refunds it, by where it is. The same refundId again answers how far it has come, and never gives back twice.",
  })
  @Answers(refundSchema, "Where the refund is")
  async refund(
    @Param("id") id: string,
    @Body({ schema: refundRequestSchema }) body: z.output<typeof refundRequestSchema>,
  ): Promise<z.output<typeof refundSchema>> {
    const tap = this.taps.byId(id);
    const domain = tap === null ? null : this.policies.of(tap.domainBytes);
    if (tap === null || domain === null)
      throw new TapError("TAP_UNKNOWN", "No tap has this id; the list of taps is at /v1/taps.");
    const amount = body.amount === undefined ? null : readAmount(body.amount, domain.served.asset);
    const refund = await this.refunds.request(id, { refundId: body.refundId, amount });
    this.maintenance.soon();
    return refundToWire(refund, { tap: viewOf(tap), voucher: this.vouchers.ofTap(id) }, this.policies);
  }
}
