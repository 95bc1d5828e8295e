import { Body, Controller, Get, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { fromHex } from "@tallystick/protocol";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathAddress } from "../../foundation/http/path-values.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import {
  replacementAnswerSchema,
  replacementRequestSchema,
  restRequestSchema,
  type ReplacementAnswer,
  type ReplacementRequest,
  type RestRequest,
} from "./replacement-requests.ts";
import { Replacements } from "./replacements.ts";

@ApiTags("cards")
@RequireRight("cards")
@Controller("v1/cards/:card/replacement")
export class ReplacementsController {
  constructor(@Inject(Replacements) private readonly replacements: Replacements) {}

  @Post()
  @HttpCode(200)
  @ApiProblems(
    ...(["NAME_NEEDED", "NOT_FOUND", "CARD_UNKNOWN", "CARD_REPLACED", "OWNER_NOT_ISSUER", "CARD_REVOKED"] as const),
    "CHAIN_UNREACHABLE",
  )
  @ApiOperation({
    operationId: "replaceCard",
    summary:
      "Lets another card take this one's place: lost in the list, its withdrawal asked for, and what is certain deposited into the successor at once, or when a second person approves it.",
  })
  @ApiOkResponse({ standardSchema: replacementAnswerSchema })
  async replace(
    @Param("card") card: string,
    @Body({ schema: replacementRequestSchema }) { successor, reason }: ReplacementRequest,
    @CallActor() actor: Actor,
  ): Promise<ReplacementAnswer> {
    return this.replacements.request({ card: pathAddress(card), successor: fromHex(successor), reason }, actor);
  }

  @Post("rest")
  @HttpCode(200)
  @ApiProblems("NAME_NEEDED", "NOT_FOUND", "CHAIN_UNREACHABLE")
  @ApiOperation({
    operationId: "askForRest",
    summary: "Asks again for the rest of a replacement that is held, such as one that was refused.",
  })
  @ApiOkResponse({ standardSchema: replacementAnswerSchema })
  async askForRest(
    @Param("card") card: string,
    @Body({ schema: restRequestSchema }) { reason }: RestRequest,
    @CallActor() actor: Actor,
  ): Promise<ReplacementAnswer> {
    return this.replacements.askForRest(pathAddress(card), reason, actor);
  }

  @Get()
  @ApiProblems("NOT_FOUND")
  @ApiOperation({ operationId: "showReplacement", summary: "How far the replacement of a card is." })
  @ApiOkResponse({ standardSchema: replacementAnswerSchema })
  async show(@Param("card") card: string): Promise<ReplacementAnswer> {
    return this.replacements.view(pathAddress(card));
  }
}
