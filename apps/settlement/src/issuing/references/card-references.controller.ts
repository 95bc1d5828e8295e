import { Body, Controller, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathAddress } from "../../foundation/http/path-values.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { CardReferences } from "./card-references.ts";
import {
  claimAnswerSchema,
  claimRequestSchema,
  releaseAnswerSchema,
  releaseRequestSchema,
  renameAnswerSchema,
  renameRequestSchema,
  type ClaimAnswer,
  type ClaimRequest,
  type ReleaseAnswer,
  type ReleaseRequest,
  type RenameAnswer,
  type RenameRequest,
} from "./reference-requests.ts";

@ApiTags("cards")
@RequireRight("cards")
@Controller("v1")
export class CardReferencesController {
  constructor(@Inject(CardReferences) private readonly references: CardReferences) {}

  @Post("references/claim")
  @HttpCode(200)
  @ApiProblems("STATION_NEEDED", "REFERENCE_CLAIMED")
  @ApiOperation({
    operationId: "claimReference",
    summary: "The caller's station makes the card of this reference, and no other does.",
  })
  @ApiOkResponse({ standardSchema: claimAnswerSchema })
  claim(@Body({ schema: claimRequestSchema }) request: ClaimRequest, @CallActor() actor: Actor): Promise<ClaimAnswer> {
    return this.references.claim(request, actor);
  }

  @Post("references/release")
  @HttpCode(200)
  @ApiProblems("REFERENCE_CLAIMED")
  @ApiOperation({ operationId: "releaseReference", summary: "Another station may make the card of this reference." })
  @ApiOkResponse({ standardSchema: releaseAnswerSchema })
  async release(
    @Body({ schema: releaseRequestSchema }) { reference }: ReleaseRequest,
    @CallActor() actor: Actor,
  ): Promise<ReleaseAnswer> {
    await this.references.release(reference, actor);
    return { reference };
  }

  @Post("cards/:card/reference")
  @HttpCode(200)
  @ApiProblems(
    "NOT_FOUND",
    "CARD_UNKNOWN",
    "CARD_HAS_MONEY",
    "REFERENCE_TAKEN",
    "REFERENCE_CLAIMED",
    "CHAIN_UNREACHABLE",
  )
  @ApiOperation({ operationId: "renameCard", summary: "Gives a card that never had money another reference." })
  @ApiOkResponse({ standardSchema: renameAnswerSchema })
  async rename(
    @Param("card") text: string,
    @Body({ schema: renameRequestSchema }) request: RenameRequest,
    @CallActor() actor: Actor,
  ): Promise<RenameAnswer> {
    await this.references.rename(pathAddress(text), request, actor);
    return { card: text, reference: request.reference };
  }
}
