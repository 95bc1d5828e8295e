import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put } from "@nestjs/common";
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import type { Asset } from "@tallystick/money";
import { cardStatuses, fromHex, toHex } from "@tallystick/protocol";
import {
  cardRegistrationResponseSchema,
  cardRegistrationSchema,
  type CardRegistration,
  type CardRegistrationResponse,
} from "@tallystick/protocol/wire";
import { actionAnswer, actionAnswerSchema, type ActionAnswer } from "../../chain/action-views.ts";
import { ASSET, readAmount } from "../../foundation/http/amounts.ts";
import { pathAddress, pathUuid } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { RequireRole } from "../../foundation/http/roles.ts";
import { CardRegister } from "./card-register.ts";
import { fundingRequestSchema, statusRequestSchema, type FundingRequest, type StatusRequest } from "./card-requests.ts";
import { CardStatuses } from "./card-statuses.ts";
import { Fundings } from "./fundings.ts";

@ApiTags("cards")
@ApiBearerAuth()
@RequireRole("issuer")
@Controller("v1")
export class CardsController {
  constructor(
    @Inject(CardRegister) private readonly cards: CardRegister,
    @Inject(CardStatuses) private readonly statuses: CardStatuses,
    @Inject(Fundings) private readonly fundings: Fundings,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  @Post("cards")
  @HttpCode(200)
  @ApiOperation({
    summary: "Registers a card and plans its opening in the vault; the same registration again is harmless.",
  })
  @ApiOkResponse({ standardSchema: cardRegistrationResponseSchema })
  async register(
    @Body({ schema: cardRegistrationSchema }) request: CardRegistration,
  ): Promise<CardRegistrationResponse> {
    const row = await this.cards.register({
      cardKey: fromHex(request.cardKey),
      owner: request.owner,
      openingSignature: fromHex(request.openingSignature),
      reference: request.reference,
    });
    return { card: toHex(row.card), cardIndex: row.card_index, state: await this.cards.stateOf(row) };
  }

  @Put("cards/:card/status")
  @ApiOperation({ summary: "Sets the status of a card in the status list; revoked is permanent." })
  async setStatus(
    @Param("card") text: string,
    @Body({ schema: statusRequestSchema }) request: StatusRequest,
  ): Promise<{ card: string; status: string }> {
    await this.statuses.set(pathAddress(text), cardStatuses[request.status]);
    return { card: text, status: request.status };
  }

  @Post("cards/:card/fundings")
  @HttpCode(200)
  @ApiOperation({ summary: "Deposits from the treasury into a card; a key is funded once." })
  @ApiOkResponse({ standardSchema: actionAnswerSchema })
  async fund(
    @Param("card") text: string,
    @Body({ schema: fundingRequestSchema }) request: FundingRequest,
  ): Promise<ActionAnswer> {
    const amount = readAmount(request.amount, "amount", this.asset);
    if (amount === 0n) throw new Problem("AMOUNT_RANGE", "amount: a funding is above zero.");
    return actionAnswer(await this.fundings.plan(pathAddress(text), amount, request.key));
  }

  @Get("fundings/:id")
  @ApiOperation({ summary: "How far a funding is." })
  @ApiOkResponse({ standardSchema: actionAnswerSchema })
  async funding(@Param("id") id: string): Promise<ActionAnswer> {
    return actionAnswer(await this.fundings.view(pathUuid(id)));
  }
}
