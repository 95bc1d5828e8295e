import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathNumber } from "../../foundation/http/path-values.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { closedPeriodSchema } from "./period-statement.ts";
import { type ClosedPeriod, Periods } from "./periods.ts";

const closingSchema = z.strictObject({ reason: reasonText });

const periodsSchema = z.object({ periods: z.array(closedPeriodSchema) });

@ApiTags("ledger")
@RequireRight("read")
@Controller("v1/periods")
export class PeriodsController {
  constructor(@Inject(Periods) private readonly periods: Periods) {}

  @Get()
  @ApiProblems()
  @ApiOperation({ operationId: "listPeriods", summary: "Closed periods of the books, the newest first." })
  @ApiOkResponse({ standardSchema: periodsSchema })
  async list(): Promise<{ periods: readonly ClosedPeriod[] }> {
    return { periods: await this.periods.list() };
  }

  @Get(":id")
  @ApiProblems("NOT_FOUND")
  @Header("content-disposition", 'attachment; filename="period.json"')
  @ApiOperation({
    operationId: "downloadPeriod",
    summary: "A closed period's statement as it was signed: `tallystick-settlement verify period FILE` checks it.",
  })
  @ApiOkResponse({ standardSchema: closedPeriodSchema })
  async download(@Param("id") id: string): Promise<ClosedPeriod> {
    return this.periods.find(pathNumber(id, "A closed period"));
  }

  @RequireRight("periods")
  @Post()
  @HttpCode(200)
  @ApiProblems("NAME_NEEDED", "PERIOD_CLOSED", "LEDGER_CHANGED", "KEYS_UNAVAILABLE")
  @ApiOperation({
    operationId: "closePeriod",
    summary: "Closes what was booked since the last time: a statement whose sum is 0, signed by the issuer.",
  })
  @ApiOkResponse({ standardSchema: closedPeriodSchema })
  async close(
    @Body({ schema: closingSchema }) { reason }: z.infer<typeof closingSchema>,
    @CallActor() actor: Actor,
  ): Promise<ClosedPeriod> {
    return this.periods.close(reason, actor);
  }
}
