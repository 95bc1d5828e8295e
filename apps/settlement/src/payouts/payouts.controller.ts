import { Body, Controller, Get, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { describeAction } from "../cards/cards.controller.ts";
import { RequireRole } from "../http/roles.ts";
import { pathAddress, pathUuid, payoutRequestSchema, payoutResponseSchema, type PayoutRequest } from "../http/wire.ts";
import { Payouts } from "./payouts.ts";

@ApiTags("payouts")
@ApiBearerAuth()
@RequireRole("operator")
@Controller("v1/payouts")
export class PayoutsController {
  constructor(@Inject(Payouts) private readonly payouts: Payouts) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: "Has the vault pay a payee what it earned; an unfinished payout is answered again." })
  @ApiOkResponse({ standardSchema: payoutResponseSchema })
  async plan(@Body({ schema: payoutRequestSchema }) request: PayoutRequest): Promise<Record<string, unknown>> {
    return describeAction(await this.payouts.plan(pathAddress(request.payee)));
  }

  @Get(":id")
  @ApiOperation({ summary: "How far a payout is." })
  @ApiOkResponse({ standardSchema: payoutResponseSchema })
  async show(@Param("id") id: string): Promise<Record<string, unknown>> {
    return describeAction(await this.payouts.view(pathUuid(id)));
  }
}
