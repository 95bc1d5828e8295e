import { Controller, Get, Inject, Query } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { RequireRight } from "../../foundation/http/roles.ts";
import { ApiPeriod } from "../periods/api-period.ts";
import { periodOf } from "../periods/period.ts";
import { costsAnswerSchema, type CostsAnswer } from "./cost-answers.ts";
import { CostReport } from "./cost-report.ts";

@ApiTags("books")
@RequireRight("read")
@Controller("v1/costs")
export class CostsController {
  constructor(@Inject(CostReport) private readonly costs: CostReport) {}

  @Get()
  @ApiPeriod()
  @ApiOperation({ operationId: "showCosts", summary: "What the issuer bore in a period: forks and its guarantee." })
  @ApiOkResponse({ standardSchema: costsAnswerSchema })
  async period(@Query("from") from?: unknown, @Query("to") to?: unknown): Promise<CostsAnswer> {
    return await this.costs.period(periodOf(from, to));
  }
}
