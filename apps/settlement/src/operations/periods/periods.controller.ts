import { Body, Controller, Get, HttpCode, Inject, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { type ClosedPeriod, Periods } from "./periods.ts";

const closingSchema = z.strictObject({ reason: reasonText });

const periodSchema = z.object({ id: z.string(), statement: z.string(), signature: hash, issuerKeyId: z.number() });

const periodsSchema = z.object({ periods: z.array(periodSchema) });

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

  @RequireRight("periods")
  @Post()
  @HttpCode(200)
  @ApiProblems("NAME_NEEDED", "PERIOD_CLOSED", "LEDGER_CHANGED", "KEYS_UNAVAILABLE")
  @ApiOperation({
    operationId: "closePeriod",
    summary: "Closes what was booked since the last time: a statement whose sum is 0, signed by the issuer.",
  })
  @ApiOkResponse({ standardSchema: periodSchema })
  async close(
    @Body({ schema: closingSchema }) { reason }: z.infer<typeof closingSchema>,
    @CallActor() actor: Actor,
  ): Promise<ClosedPeriod> {
    return this.periods.close(reason, actor);
  }
}
