import { Body, Controller, Get, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { fromHex } from "@tallystick/protocol";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathHash } from "../../foundation/http/path-values.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import {
  paymentAnswerSchema,
  paymentRequestSchema,
  refusalAnswerSchema,
  refusalRequestSchema,
  withheldAnswerSchema,
  type PaymentAnswer,
  type PaymentRequest,
  type RefusalAnswer,
  type RefusalRequest,
  type WithheldView,
} from "./withheld-answers.ts";
import { WithheldPayments } from "./withheld-payments.ts";
import { WithheldRefusals } from "./withheld-refusals.ts";
import { WithheldViews } from "./withheld-views.ts";

@ApiTags("withheld")
@RequireRight("withheld")
@Controller("v1/withheld")
export class WithheldController {
  constructor(
    @Inject(WithheldViews) private readonly views: WithheldViews,
    @Inject(WithheldPayments) private readonly payments: WithheldPayments,
    @Inject(WithheldRefusals) private readonly refusals: WithheldRefusals,
  ) {}

  @Get()
  @ApiProblems()
  @ApiOperation({
    operationId: "listWithheld",
    summary: "Vouchers that the issuer owes and persons have to decide about, the oldest first.",
  })
  @ApiOkResponse({ standardSchema: withheldAnswerSchema })
  async list(): Promise<{ withheld: readonly WithheldView[] }> {
    return { withheld: await this.views.list() };
  }

  @Post(":id/payment")
  @HttpCode(200)
  @ApiProblems(
    ...(["NOT_FOUND", "NAME_NEEDED", "NOT_WITHHELD", "PAYMENT_UNDER_WAY", "CHAIN_UNREACHABLE"] as const),
    "SECOND_PERSON_NEEDED",
  )
  @ApiOperation({
    operationId: "payWithheld",
    summary: "One person has a withheld voucher paid: by a compensation, by a deposit to its card, or by the vault.",
  })
  @ApiOkResponse({ standardSchema: paymentAnswerSchema })
  async pay(
    @Param("id") id: string,
    @Body({ schema: paymentRequestSchema }) { reason }: PaymentRequest,
    @CallActor() actor: Actor,
  ): Promise<PaymentAnswer> {
    return this.payments.pay(pathHash(id), reason, actor);
  }

  @Post(":id/refusal")
  @HttpCode(200)
  @ApiProblems(
    "NOT_FOUND",
    "NAME_NEEDED",
    "NOT_WITHHELD",
    "PAYMENT_UNDER_WAY",
    "GROUND_DOES_NOT_HOLD",
    "PAYEE_SIGNATURE",
    "SECOND_PERSON_NEEDED",
    "CHAIN_UNREACHABLE",
  )
  @ApiOperation({
    operationId: "refuseWithheld",
    summary: "Two persons refuse a withheld voucher on one ground: the first call proposes, the second refuses.",
  })
  @ApiOkResponse({ standardSchema: refusalAnswerSchema })
  async refuse(
    @Param("id") id: string,
    @Body({ schema: refusalRequestSchema }) { ground, reason, signature }: RefusalRequest,
    @CallActor() actor: Actor,
  ): Promise<RefusalAnswer> {
    const wanted = { ground, reason, signature: signature === undefined ? null : fromHex(signature) };
    return this.refusals.refuse(pathHash(id), wanted, actor);
  }
}
