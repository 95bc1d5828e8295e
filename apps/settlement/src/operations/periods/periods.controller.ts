import { Body, Controller, Get, HttpCode, Inject, Param, Post, Res } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathNumber } from "../../foundation/http/path-values.ts";
import { type FileReply, savedAs } from "../../foundation/http/bodies/saved-as.ts";
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
  @ApiOperation({
    operationId: "downloadPeriod",
    summary: "A closed period's statement as it was signed: `tallystick-settlement verify period FILE` checks it.",
  })
  @ApiOkResponse({ standardSchema: closedPeriodSchema })
  async download(@Param("id") id: string, @Res({ passthrough: true }) reply: FileReply): Promise<ClosedPeriod> {
    const number = pathNumber(id, "A closed period");
    savedAs(reply, `period-${number}.json`);
    return this.periods.find(number);
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
