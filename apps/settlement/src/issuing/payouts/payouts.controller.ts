import { Body, Controller, Get, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { hexText, reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { HeldActions } from "../../chain/refused/held-actions.ts";
import {
  heldAnswer,
  heldAnswerSchema,
  heldRequestSchema,
  type HeldAnswer,
  type HeldRequest,
} from "../../chain/refused/held-views.ts";
import { pathAddress, pathUuid } from "../../foundation/http/path-values.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { Payouts } from "./payouts.ts";

const payoutRequestSchema = z.strictObject({ payee: hexText(20), reason: reasonText });

type PayoutRequest = z.infer<typeof payoutRequestSchema>;

@ApiTags("payouts")
@RequireRight("payouts")
@Controller("v1/payouts")
export class PayoutsController {
  constructor(
    @Inject(Payouts) private readonly payouts: Payouts,
    @Inject(HeldActions) private readonly held: HeldActions,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiProblems(
    ...(["NOT_FOUND", "NOTHING_OWED", "PAYEE_UNCONFIRMED", "TRANSFERS_STOPPED", "CHAIN_UNREACHABLE"] as const),
    ...(["NAME_NEEDED", "SECOND_PERSON_NEEDED"] as const),
  )
  @ApiOperation({
    operationId: "planPayout",
    summary: "Has the vault pay a payee what it earned; an unfinished payout is answered again.",
  })
  @ApiOkResponse({ standardSchema: heldAnswerSchema })
  async plan(
    @Body({ schema: payoutRequestSchema }) request: PayoutRequest,
    @CallActor() actor: Actor,
  ): Promise<HeldAnswer> {
    return heldAnswer(await this.payouts.plan({ payee: pathAddress(request.payee), reason: request.reason }, actor));
  }

  @Get(":id")
  @ApiProblems("NOT_FOUND")
  @ApiOperation({ operationId: "showPayout", summary: "How far a payout is." })
  @ApiOkResponse({ standardSchema: heldAnswerSchema })
  async show(@Param("id") id: string): Promise<HeldAnswer> {
    return heldAnswer(await this.payouts.view(pathUuid(id)));
  }

  @Post(":id/retry")
  @HttpCode(200)
  @ApiProblems("NOT_FOUND")
  @ApiOperation({
    operationId: "retryPayout",
    summary: "Has a payout that was refused, or has failed, tried again at once; without effect where it is under way.",
  })
  @ApiOkResponse({ standardSchema: heldAnswerSchema })
  async retry(
    @Param("id") id: string,
    @Body({ schema: heldRequestSchema }) { reason }: HeldRequest,
    @CallActor() actor: Actor,
  ): Promise<HeldAnswer> {
    return heldAnswer(await this.held.retry({ kind: "payout", id: pathUuid(id), reason, actor }));
  }

  @Post(":id/abandon")
  @HttpCode(200)
  @ApiProblems("NOT_FOUND", "ACTION_UNDER_WAY")
  @ApiOperation({ operationId: "abandonPayout", summary: "Gives up a payout that is not signed yet." })
  @ApiOkResponse({ standardSchema: heldAnswerSchema })
  async abandon(
    @Param("id") id: string,
    @Body({ schema: heldRequestSchema }) { reason }: HeldRequest,
    @CallActor() actor: Actor,
  ): Promise<HeldAnswer> {
    return heldAnswer(await this.held.abandon({ kind: "payout", id: pathUuid(id), reason, actor }));
  }
}
