import { Controller, Get, Inject, Query } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathUuid, queryCount, queryFlag } from "../../foundation/http/path-values.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { cardSearch } from "./card-search.ts";
import { IssuerLists } from "./issuer-lists.ts";
import {
  cardListSchema,
  issuerAnswerSchema,
  payoutListSchema,
  terminalListSchema,
  type CardList,
  type IssuerAnswer,
  type PayoutList,
  type TerminalList,
} from "./list-answers.ts";

const page = (name: string) =>
  ApiQuery({ name, required: false, type: String, description: "`next` of the page before" });

const filter = (name: string, description: string) => ApiQuery({ name, required: false, type: String, description });

@ApiTags("lists")
@RequireRight("read")
@Controller("v1")
export class IssuerListsController {
  constructor(@Inject(IssuerLists) private readonly lists: IssuerLists) {}

  @Get("cards")
  @ApiProblems("MALFORMED_BODY")
  @page("after")
  @filter("reference", "the card of this reference alone")
  @filter("state", "cards of this status alone: valid, suspended, revoked or lost")
  @filter("q", "cards whose reference or address has this in it, in any case of letters")
  @filter("masterKey", "cards whose keys are of the master key with this check value")
  @ApiOperation({ operationId: "listCards", summary: "Cards with their status, by their index in the status list." })
  @ApiOkResponse({ standardSchema: cardListSchema })
  async cards(@Query() query: Readonly<Record<string, unknown>>): Promise<CardList> {
    return this.lists.cards(queryCount("after", query["after"]), cardSearch(query));
  }

  @Get("issuer")
  @ApiProblems()
  @RequireRight("cards")
  @ApiOperation({
    operationId: "showIssuer",
    summary: "Who the token belongs to: the name under which calls are kept.",
  })
  @ApiOkResponse({ standardSchema: issuerAnswerSchema })
  async issuer(@CallActor() { name }: Actor): Promise<IssuerAnswer> {
    return { name };
  }

  @Get("merchants")
  @ApiProblems("MALFORMED_BODY")
  @page("after")
  @filter(
    "silent",
    "true: terminals that brought an upload once, none for 8 hours, and whose certificate is not withdrawn",
  )
  @ApiOperation({ operationId: "listTerminals", summary: "Every certified terminal, by payee and terminal id." })
  @ApiOkResponse({ standardSchema: terminalListSchema })
  async terminals(@Query("after") after: unknown, @Query("silent") silent: unknown): Promise<TerminalList> {
    return this.lists.terminals(after === undefined ? null : String(after), queryFlag("silent", silent));
  }

  @Get("payouts")
  @ApiProblems("NOT_FOUND")
  @page("before")
  @ApiOperation({ operationId: "listPayouts", summary: "Every payout, the newest first." })
  @ApiOkResponse({ standardSchema: payoutListSchema })
  async payouts(@Query("before") before: unknown): Promise<PayoutList> {
    return this.lists.payouts(before === undefined ? null : pathUuid(String(before)));
  }
}
