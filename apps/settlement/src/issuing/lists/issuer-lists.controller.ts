import { Controller, Get, Inject, Query } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathUuid, queryCount } from "../../foundation/http/path-values.ts";
import { RequireRole } from "../../foundation/http/roles.ts";
import { IssuerLists } from "./issuer-lists.ts";
import {
  cardListSchema,
  payoutListSchema,
  terminalListSchema,
  type CardList,
  type PayoutList,
  type TerminalList,
} from "./list-answers.ts";

const page = (name: string) =>
  ApiQuery({ name, required: false, type: String, description: "`next` of the page before" });

@ApiTags("lists")
@RequireRole("any")
@Controller("v1")
export class IssuerListsController {
  constructor(@Inject(IssuerLists) private readonly lists: IssuerLists) {}

  @Get("cards")
  @ApiProblems("MALFORMED_BODY")
  @page("after")
  @ApiOperation({ operationId: "listCards", summary: "Every card with its status, by its index in the status list." })
  @ApiOkResponse({ standardSchema: cardListSchema })
  async cards(@Query("after") after: unknown): Promise<CardList> {
    return this.lists.cards(queryCount("after", after));
  }

  @Get("merchants")
  @ApiProblems("MALFORMED_BODY")
  @page("after")
  @ApiOperation({ operationId: "listTerminals", summary: "Every certified terminal, by payee and terminal id." })
  @ApiOkResponse({ standardSchema: terminalListSchema })
  async terminals(@Query("after") after: unknown): Promise<TerminalList> {
    return this.lists.terminals(after === undefined ? null : String(after));
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
