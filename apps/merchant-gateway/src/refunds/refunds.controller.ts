import { Body, Controller, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import { MoneyError, parseAmount } from "@tallystick/money";
import type { z } from "zod";
import { GATEWAY, type Gateway } from "../gateway.ts";
import { Answers } from "../http/describe.ts";
import { refundRequestSchema, refundSchema } from "../http/wire.ts";
import { TapError } from "../taps/tap-error.ts";
import { viewOf } from "../taps/tap-result.ts";
import { refundToWire } from "./refund-wire.ts";

/** Money back to the card it came from. */
@ApiTags("refunds")
@Controller("v1/taps")
export class RefundsController {
  constructor(@Inject(GATEWAY) private readonly gateway: Gateway) {}

  @Post(":id/refund")
  @HttpCode(200)
  @ApiOperation({
    summary: "Give a payment back, whole or in part",
    description:
      "Takes it back, gives it up or refunds it, by where it is. Asked again with the same refundId it tells how far it has come, and never gives back twice.",
  })
  @Answers(refundSchema, "Where the refund is")
  async refund(
    @Param("id") id: string,
    @Body({ schema: refundRequestSchema }) body: z.output<typeof refundRequestSchema>,
  ): Promise<z.output<typeof refundSchema>> {
    const { journal, policies, refunds } = this.gateway;
    const tap = journal.taps.byId(id);
    const domain = tap === null ? null : policies.of(tap.domainBytes);
    if (tap === null || domain === null)
      throw new TapError("TAP_UNKNOWN", "No tap has this id; the list of taps is at /v1/taps.");
    const amount = body.amount === undefined ? null : amountOf(body.amount, domain.served.asset);
    const refund = await refunds.request(id, { refundId: body.refundId, amount });
    this.gateway.afterTap();
    return refundToWire(refund, { tap: viewOf(tap), voucher: journal.vouchers.ofTap(id) }, policies);
  }
}

function amountOf(text: string, asset: Parameters<typeof parseAmount>[1]): bigint {
  try {
    const amount = parseAmount(text, asset);
    if (amount === 0n) throw new TapError("AMOUNT_REFUSED", "The amount must be above zero.");
    return amount;
  } catch (error) {
    if (error instanceof MoneyError) throw new TapError("AMOUNT_REFUSED", error.message);
    throw error;
  }
}
