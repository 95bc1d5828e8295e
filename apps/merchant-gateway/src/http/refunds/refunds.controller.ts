import { Body, Controller, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import type { z } from "zod";
import type { Caller } from "../../doors/caller.ts";
import { ApiProblems } from "../api-problems.ts";
import { Answers } from "../describe.ts";
import { Asking } from "../doors/asking.ts";
import { Idempotent } from "../idempotency/idempotent.ts";
import { REFUND_PROBLEMS, RefundCalls } from "./refund-calls.ts";
import { refundRequestSchema, refundSchema } from "../wire.ts";

/** Money back to the card it came from. */
@ApiTags("refunds")
@Controller("v1/taps")
export class RefundsController {
  constructor(@Inject(RefundCalls) private readonly calls: RefundCalls) {}

  @Post(":id/refund")
  @HttpCode(200)
  @Idempotent()
  @ApiProblems("TAP_UNKNOWN", ...REFUND_PROBLEMS)
  @ApiOperation({
    operationId: "refundPayment",
    summary: "Give a payment back, whole or in part",
    description:
      "Reverses, releases or refunds it, by where it is. The same refundId again answers how far it has come, and never gives back twice.",
  })
  @Answers(refundSchema, "Where the refund is")
  async refund(
    @Asking() caller: Caller | null,
    @Param("id") id: string,
    @Body({ schema: refundRequestSchema }) body: z.output<typeof refundRequestSchema>,
  ): Promise<z.output<typeof refundSchema>> {
    return await this.calls.give(id, body, { caller, subject: id });
  }
}
