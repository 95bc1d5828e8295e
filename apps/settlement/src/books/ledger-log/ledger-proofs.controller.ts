import { Controller, Get, Inject, Query } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import { queryCount } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { consistencyAnswerSchema, inclusionAnswerSchema, ledgerRootAnswerSchema } from "./ledger-answers.ts";
import { LedgerProofs, type ConsistencyView, type InclusionView, type RootView } from "./ledger-proofs.ts";

@ApiTags("ledger")
@RequireRight("read")
@Controller("v1/ledger")
export class LedgerProofsController {
  constructor(@Inject(LedgerProofs) private readonly proofs: LedgerProofs) {}

  @Get("root")
  @ApiProblems("MALFORMED_BODY", "LOG_RANGE")
  @ApiOperation({
    operationId: "showLedgerRoot",
    summary: "Head of the ledger's log (RFC 6962), the newest or the one of a size.",
  })
  @ApiQuery({ name: "size", required: false })
  @ApiOkResponse({ standardSchema: ledgerRootAnswerSchema })
  async root(@Query("size") size?: string): Promise<RootView> {
    return this.proofs.root(queryCount("size", size));
  }

  @Get("proofs/inclusion")
  @ApiProblems("MALFORMED_BODY", "NOT_FOUND", "LOG_RANGE", "LEDGER_CHANGED")
  @ApiOperation({
    operationId: "proveInclusion",
    summary: "Proof that an entry, by its index or its operation's id, is in the log.",
  })
  @ApiQuery({ name: "entry" })
  @ApiQuery({ name: "size", required: false })
  @ApiOkResponse({ standardSchema: inclusionAnswerSchema })
  async inclusion(@Query("entry") entry?: string, @Query("size") size?: string): Promise<InclusionView> {
    if (typeof entry !== "string" || entry === "")
      throw new Problem("MALFORMED_BODY", "entry: name an index or an operation.");
    const place = /^(0|[1-9][0-9]{0,15})$/.test(entry) ? Number(entry) : entry;
    return this.proofs.inclusion(place, queryCount("size", size));
  }

  @Get("proofs/consistency")
  @ApiProblems("MALFORMED_BODY", "LOG_RANGE")
  @ApiOperation({
    operationId: "proveConsistency",
    summary: "Proof that the log of `to` entries begins with the one of `from`.",
  })
  @ApiQuery({ name: "from" })
  @ApiQuery({ name: "to", required: false })
  @ApiOkResponse({ standardSchema: consistencyAnswerSchema })
  async consistency(@Query("from") from?: string, @Query("to") to?: string): Promise<ConsistencyView> {
    const shorter = queryCount("from", from);
    if (shorter === null) throw new Problem("MALFORMED_BODY", "from: say how many entries the shorter log has.");
    return this.proofs.consistency(shorter, queryCount("to", to));
  }
}
