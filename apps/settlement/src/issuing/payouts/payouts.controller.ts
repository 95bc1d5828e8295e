import { Body, Controller, Get, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { hexText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { actionAnswer, actionAnswerSchema, type ActionAnswer } from "../../chain/action-views.ts";
import { pathAddress, pathUuid } from "../../foundation/http/path-values.ts";
import { CallActor, RequireRole, type Actor } from "../../foundation/http/roles.ts";
import { Payouts } from "./payouts.ts";

const payoutRequestSchema = z.strictObject({ payee: hexText(20) });

type PayoutRequest = z.infer<typeof payoutRequestSchema>;

@ApiTags("payouts")
@RequireRole("operator")
@Controller("v1/payouts")
export class PayoutsController {
  constructor(@Inject(Payouts) private readonly payouts: Payouts) {}

  @Post()
  @HttpCode(200)
  @ApiProblems("NOT_FOUND", "NOTHING_OWED", "TRANSFERS_STOPPED", "CHAIN_UNREACHABLE")
  @ApiOperation({
    operationId: "planPayout",
    summary: "Has the vault pay a payee what it earned; an unfinished payout is answered again.",
  })
  @ApiOkResponse({ standardSchema: actionAnswerSchema })
  async plan(
    @Body({ schema: payoutRequestSchema }) request: PayoutRequest,
    @CallActor() actor: Actor,
  ): Promise<ActionAnswer> {
    return actionAnswer(await this.payouts.plan(pathAddress(request.payee), actor));
  }

  @Get(":id")
  @ApiProblems("NOT_FOUND")
  @ApiOperation({ operationId: "showPayout", summary: "How far a payout is." })
  @ApiOkResponse({ standardSchema: actionAnswerSchema })
  async show(@Param("id") id: string): Promise<ActionAnswer> {
    return actionAnswer(await this.payouts.view(pathUuid(id)));
  }
}
