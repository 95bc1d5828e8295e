import { Readable } from "node:stream";
import { Controller, Get, Inject, Param, Query, StreamableFile } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import type { Asset } from "@tallystick/money";
import type { Domain } from "@tallystick/protocol";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { pathAddress } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import { DOMAIN } from "../../foundation/keys/domain.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { STATEMENT_CHUNK, STATEMENT_RETRY_SECONDS, STATEMENTS_AT_ONCE } from "./limits.ts";
import { statementSchema } from "./statement-answers.ts";
import { STATEMENT_COLUMNS, statementCsv } from "./statement-csv.ts";
import type { Statement } from "./statement-form.ts";
import { statementJson } from "./statement-json.ts";
import { periodOf } from "../periods/period.ts";
import { Statements } from "./statements.ts";

const FORMATS = { json: "application/json; charset=utf-8", csv: "text/csv; charset=utf-8" } as const;

type Format = keyof typeof FORMATS;

@ApiTags("books")
@RequireRight("read")
@Controller("v1/merchants")
export class StatementsController {
  private writing = 0;

  constructor(
    @Inject(Statements) private readonly statements: Statements,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(DOMAIN) private readonly domain: Domain,
    @Inject(ISSUER) private readonly issuer: Issuer,
  ) {}

  @Get(":payee/statements")
  @ApiProblems("MALFORMED_BODY", "PERIOD_RANGE")
  @ApiQuery({ name: "from", description: "the first day, in UTC, as 2026-11-29" })
  @ApiQuery({ name: "to", description: "the last day" })
  @ApiQuery({ name: "format", required: false, enum: Object.keys(FORMATS), description: "json where it is left out" })
  @ApiOperation({
    operationId: "writeStatement",
    summary: "What was booked for a payee in a period, day by day, proved to be in the log.",
    description: `As CSV its columns are ${STATEMENT_COLUMNS.join(", ")}.`,
  })
  @ApiOkResponse({ standardSchema: statementSchema })
  async write(
    @Param("payee") payee: string,
    @Query("from") from?: unknown,
    @Query("to") to?: unknown,
    @Query("format") format: unknown = "json",
  ): Promise<StreamableFile> {
    if (typeof format !== "string" || !Object.hasOwn(FORMATS, format))
      throw new Problem("MALFORMED_BODY", `format: one of ${Object.keys(FORMATS).join(", ")}.`);
    const [address, period] = [pathAddress(payee), periodOf(from, to)];
    if (this.writing >= STATEMENTS_AT_ONCE)
      throw new Problem("LIMIT_REACHED", "Other statements are being written; ask again in a while.", {
        retryAfterSeconds: STATEMENT_RETRY_SECONDS,
      });
    this.writing += 1;
    try {
      const text = this.textOf(await this.statements.open(address, period), format as Format);
      const stream = Readable.from(inChunks(text));
      stream.once("close", () => (this.writing -= 1));
      return new StreamableFile(stream, {
        type: FORMATS[format as Format],
        disposition: `attachment; filename="statement-${payee}-${period.from}-${period.to}.${format}"`,
      });
    } catch (error) {
      this.writing -= 1;
      throw error;
    }
  }

  private textOf(statement: Statement, format: Format): AsyncIterable<string> {
    const { asset, domain, issuer } = this;
    return format === "csv" ? statementCsv(statement, asset) : statementJson(statement, { asset, domain, issuer });
  }
}

/** Few large pieces in the place of many small ones. */
async function* inChunks(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = "";
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length < STATEMENT_CHUNK) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk;
}
