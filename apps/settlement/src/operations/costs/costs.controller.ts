import { Controller, Get, Inject, Query } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import { periodOf } from "../periods/period.ts";
import { costsAnswerSchema, type CostsAnswer } from "./cost-answers.ts";
import { CostReport } from "./cost-report.ts";

@ApiTags("books")
@RequireRight("read")
@Controller("v1/costs")
export class CostsController {
  constructor(@Inject(CostReport) private readonly costs: CostReport) {}

  @Get()
  @ApiProblems("MALFORMED_BODY", "PERIOD_RANGE")
  @ApiQuery({ name: "from", description: "the first day, in UTC, as 2026-11-29" })
  @ApiQuery({ name: "to", description: "the last day" })
  @ApiOperation({ operationId: "showCosts", summary: "What the issuer bore in a period: forks and its guarantee." })
  @ApiOkResponse({ standardSchema: costsAnswerSchema })
  async period(@Query("from") from?: unknown, @Query("to") to?: unknown): Promise<CostsAnswer> {
    return await this.costs.period(periodOf(from, to));
  }
}
