import { Controller, Get, Inject, Param, Query, type StreamableFile, UseFilters } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { pathAddress } from "../../foundation/http/path-values.ts";
import { type Actor, CallActor, RequireRight } from "../../foundation/http/roles.ts";
import { assertKnownPayee } from "../../issuing/merchants/known-merchants.ts";
import { PageProblems } from "../console/page-problems.tsx";
import { ApiPeriod } from "../periods/api-period.ts";
import { periodOf } from "../periods/period.ts";
import { statementSchema } from "../statements/statement-answers.ts";
import { STATEMENT_COLUMNS } from "../statements/statement-csv.ts";
import { STATEMENT_FORMATS, statementFormat } from "../statements/statement-formats.ts";
import { StatementFiles } from "./statement-files.ts";

@ApiTags("books")
@RequireRight("read")
@Controller("v1/merchants")
export class StatementsController {
  constructor(
    @Inject(StatementFiles) private readonly files: StatementFiles,
    @Inject(DATABASE) private readonly db: Database,
  ) {}

  @Get(":payee/statements")
  @UseFilters(PageProblems)
  @ApiPeriod()
  @ApiQuery({
    ...{ name: "format", required: false, enum: Object.keys(STATEMENT_FORMATS) },
    description: "json where it is left out",
  })
  @ApiOperation({
    operationId: "writeStatement",
    summary: "What was booked for a payee in a period, day by day, proved to be in the log.",
    description: `As CSV its columns are ${STATEMENT_COLUMNS.join(", ")}.`,
  })
  @ApiOkResponse({ standardSchema: statementSchema })
  async write(
    @Param("payee") payee: string,
    @CallActor() actor: Actor,
    @Query("from") from?: unknown,
    @Query("to") to?: unknown,
    @Query("format") format: unknown = "json",
  ): Promise<StreamableFile> {
    const [form, address] = [statementFormat(format), pathAddress(payee)];
    const period = periodOf(from, to);
    // A mistyped address would get a signed statement of nothing.
    await assertKnownPayee(this.db, address);
    return await this.files.write(address, { period, format: form, actor });
  }
}
