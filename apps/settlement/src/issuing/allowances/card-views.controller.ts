import { Controller, Get, Inject, Param } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathAddress } from "../../foundation/http/path-values.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import { cardAnswerSchema } from "./card-answers.ts";
import { CardViews, type CardView } from "./card-views.ts";

@ApiTags("cards")
@RequireRight("read")
@Controller("v1/cards")
export class CardViewsController {
  constructor(@Inject(CardViews) private readonly views: CardViews) {}

  @Get(":card")
  @ApiProblems("NOT_FOUND", "CARD_UNKNOWN", "CHAIN_UNREACHABLE")
  @ApiOperation({
    operationId: "showCard",
    summary: "A card: its opening, its balance at the final and the latest block, its status and allowance.",
  })
  @ApiOkResponse({ standardSchema: cardAnswerSchema })
  async show(@Param("card") card: string): Promise<CardView> {
    return this.views.find(pathAddress(card));
  }
}
