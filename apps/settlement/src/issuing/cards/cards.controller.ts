import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import type { Asset } from "@tallystick/money";
import { cardStatuses, fromHex, toHex } from "@tallystick/protocol";
import {
  cardRegistrationResponseSchema,
  cardRegistrationSchema,
  type CardRegistration,
  type CardRegistrationResponse,
} from "@tallystick/protocol/wire";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { HeldActions } from "../../chain/refused/held-actions.ts";
import {
  heldAnswer,
  heldAnswerSchema,
  heldRequestSchema,
  type HeldAnswer,
  type HeldRequest,
} from "../../chain/refused/held-views.ts";
import { ASSET, readAmount } from "../../foundation/http/amounts.ts";
import { pathAddress, pathUuid } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { CardRegister } from "./card-register.ts";
import {
  fundingRequestSchema,
  statusAnswerSchema,
  statusRequestSchema,
  type FundingRequest,
  type StatusAnswer,
  type StatusRequest,
} from "./card-requests.ts";
import { CardStatuses } from "./card-statuses.ts";
import { Fundings } from "./fundings.ts";

@ApiTags("cards")
@RequireRight("cards")
@Controller("v1")
export class CardsController {
  constructor(
    @Inject(CardRegister) private readonly cards: CardRegister,
    @Inject(CardStatuses) private readonly statuses: CardStatuses,
    @Inject(Fundings) private readonly fundings: Fundings,
    @Inject(HeldActions) private readonly held: HeldActions,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  @Post("cards")
  @HttpCode(200)
  @ApiProblems(
    "OPENING_SIGNATURE",
    "CARD_OWNER",
    "CARD_EXISTS",
    "REFERENCE_TAKEN",
    "REFERENCE_CLAIMED",
    "LIMIT_REACHED",
  )
  @ApiOperation({
    operationId: "registerCard",
    summary: "Registers a card and plans its opening in the vault; the same registration again is harmless.",
  })
  @ApiOkResponse({ standardSchema: cardRegistrationResponseSchema })
  async register(
    @Body({ schema: cardRegistrationSchema }) request: CardRegistration,
    @CallActor() actor: Actor,
  ): Promise<CardRegistrationResponse> {
    const registration = {
      cardKey: fromHex(request.cardKey),
      owner: request.owner,
      openingSignature: fromHex(request.openingSignature),
      reference: request.reference,
      masterKey: request.masterKey,
    };
    const row = await this.cards.register(registration, actor);
    return { card: toHex(row.card), cardIndex: row.card_index, state: await this.cards.stateOf(row) };
  }

  @RequireRight("cardStatus")
  @Put("cards/:card/status")
  @ApiOkResponse({ standardSchema: statusAnswerSchema })
  @ApiProblems("NOT_FOUND", "CARD_UNKNOWN", "CARD_REVOKED", "CARD_REPLACED")
  @ApiOperation({
    operationId: "setCardStatus",
    summary: "Sets the status of a card in the status list, and why; revoked is permanent.",
  })
  async setStatus(
    @Param("card") text: string,
    @Body({ schema: statusRequestSchema }) request: StatusRequest,
    @CallActor() actor: Actor,
  ): Promise<StatusAnswer> {
    const { status, reason } = request;
    await this.statuses.set({ card: pathAddress(text), status: cardStatuses[status], reason }, actor);
    return { card: text, status };
  }

  @Post("cards/:card/fundings")
  @HttpCode(200)
  @ApiProblems(
    "NOT_FOUND",
    "CARD_UNKNOWN",
    "CARD_REVOKED",
    "KEY_REUSED",
    "AMOUNT_RANGE",
    "INSOLVENT",
    "TRANSFERS_STOPPED",
    "NAME_NEEDED",
    "SECOND_PERSON_NEEDED",
    "APPROVAL_OVER",
  )
  @ApiOperation({ operationId: "fundCard", summary: "Deposits from the treasury into a card; a key is funded once." })
  @ApiOkResponse({ standardSchema: heldAnswerSchema })
  async fund(
    @Param("card") text: string,
    @Body({ schema: fundingRequestSchema }) request: FundingRequest,
    @CallActor() actor: Actor,
  ): Promise<HeldAnswer> {
    const amount = readAmount(request.amount, "amount", this.asset);
    if (amount === 0n) throw new Problem("AMOUNT_RANGE", "amount: a funding is above zero.");
    const { key, reason } = request;
    return heldAnswer(await this.fundings.plan({ card: pathAddress(text), amount, key, reason }, actor));
  }

  @Get("fundings/:id")
  @ApiProblems("NOT_FOUND")
  @ApiOperation({ operationId: "showFunding", summary: "How far a funding is." })
  @ApiOkResponse({ standardSchema: heldAnswerSchema })
  async funding(@Param("id") id: string): Promise<HeldAnswer> {
    return heldAnswer(await this.fundings.view(pathUuid(id)));
  }

  @Post("fundings/:id/retry")
  @HttpCode(200)
  @ApiProblems("NOT_FOUND")
  @ApiOperation({
    operationId: "retryFunding",
    summary:
      "Has a funding that was refused, or has failed, tried again at once; without effect where it is under way.",
  })
  @ApiOkResponse({ standardSchema: heldAnswerSchema })
  async retryFunding(
    @Param("id") id: string,
    @Body({ schema: heldRequestSchema }) { reason }: HeldRequest,
    @CallActor() actor: Actor,
  ): Promise<HeldAnswer> {
    return heldAnswer(await this.held.retry({ kind: "funding", id: pathUuid(id), reason, actor }));
  }

  @Post("fundings/:id/abandon")
  @HttpCode(200)
  @ApiProblems("NOT_FOUND", "ACTION_UNDER_WAY")
  @ApiOperation({ operationId: "abandonFunding", summary: "Gives up a funding that is not signed yet." })
  @ApiOkResponse({ standardSchema: heldAnswerSchema })
  async abandonFunding(
    @Param("id") id: string,
    @Body({ schema: heldRequestSchema }) { reason }: HeldRequest,
    @CallActor() actor: Actor,
  ): Promise<HeldAnswer> {
    return heldAnswer(await this.held.abandon({ kind: "funding", id: pathUuid(id), reason, actor }));
  }
}
