import { Readable } from "node:stream";
import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Query, StreamableFile } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import type { z } from "zod";
import { JournalMaintenance } from "../../journal/maintenance.ts";
import { CSV_COLUMNS } from "../../reports/report-csv.ts";
import type { Report } from "../../reports/report-shape.ts";
import { Reports } from "../../reports/reports.ts";
import { Access } from "../../doors/access.ts";
import type { Caller } from "../../doors/caller.ts";
import { ApiProblems } from "../api-problems.ts";
import { Answers } from "../describe.ts";
import { Asking } from "../doors/asking.ts";
import { Idempotent } from "../idempotency/idempotent.ts";
import { MAX_LISTED_REPORTS } from "./limits.ts";
import {
  reportListQuerySchema,
  reportListSchema,
  reportNumberSchema,
  reportSchema,
  xReportQuerySchema,
  zReportRequestSchema,
} from "./report-wire.ts";

const CSV_MEDIA_TYPE = "text/csv; charset=utf-8; header=present";

/** Describes an answer that is CSV. */
const AnswersCsv = (): MethodDecorator =>
  ApiOkResponse({ description: "The entries", content: { "text/csv": { schema: { type: "string" } } } });

type ReportBody = z.output<typeof reportSchema>;

/** The end of a day. */
@ApiTags("reports")
@Controller("v1/reports")
export class ReportsController {
  constructor(
    @Inject(Reports) private readonly reports: Reports,
    @Inject(JournalMaintenance) private readonly maintenance: JournalMaintenance,
    @Inject(Access) private readonly access: Access,
  ) {}

  @Get()
  @ApiProblems("MALFORMED_REQUEST")
  @ApiOperation({
    operationId: "listReports",
    summary: "Closed periods, newest first",
    description: `At most ${MAX_LISTED_REPORTS} in one answer.`,
  })
  @Answers(reportListSchema, "Z reports as they were closed")
  list(
    @Query({ schema: reportListQuerySchema }) { cursor = null }: { readonly cursor?: number | null },
    @Asking() caller: Caller | null,
  ): z.output<typeof reportListSchema> {
    this.access.assertMay(caller, "reports");
    const listed = this.reports.page(MAX_LISTED_REPORTS + 1, cursor);
    const shown = listed.slice(0, MAX_LISTED_REPORTS);
    const next = listed.length > shown.length ? (shown.at(-1)?.number ?? null) : null;
    return { reports: shown.map(bodyOf), next };
  }

  @Get("x")
  @ApiProblems("MALFORMED_REQUEST")
  @ApiOperation({
    operationId: "showXReport",
    summary: "What has come since the last Z",
    description: "By currency, cashier and lane, without a network. Closes nothing.",
  })
  @Answers(reportSchema, "An X report")
  x(
    @Query({ schema: xReportQuerySchema }) { by }: z.output<typeof xReportQuerySchema>,
    @Asking() caller: Caller | null,
  ): ReportBody {
    const person = this.access.assertMay(caller, "reports");
    return bodyOf(this.reports.x({ by: person?.name ?? by ?? null }));
  }

  @Post("z")
  @HttpCode(200)
  @Idempotent()
  @ApiProblems("REPORT_OUT_OF_TURN")
  @ApiOperation({
    operationId: "closePeriod",
    summary: "Close the period",
    description: "Each payment stands in exactly one Z, and their numbers follow one another.",
  })
  @Answers(reportSchema, "The Z report")
  z(
    @Body({ schema: zReportRequestSchema }) { by, number }: z.output<typeof zReportRequestSchema>,
    @Asking() caller: Caller | null,
  ): ReportBody {
    const person = this.access.assertMay(caller, "reports");
    this.access.begin(caller, "reports", `z ${number ?? ""}`.trim());
    // Who signed in asks; nobody asks in another's name.
    const report = this.reports.z({ by: person?.name ?? by ?? null, number: number ?? null });
    this.maintenance.soon();
    return bodyOf(report);
  }

  @Get("x.csv")
  @Header("content-type", CSV_MEDIA_TYPE)
  @ApiProblems()
  @ApiOperation({ operationId: "exportOpenPeriod", summary: "What moved money since the last Z, as CSV" })
  @AnswersCsv()
  xCsv(@Asking() caller: Caller | null): StreamableFile {
    this.access.assertMay(caller, "reports");
    return this.csv("x");
  }

  @Get(":n.csv")
  @Header("content-type", CSV_MEDIA_TYPE)
  @ApiProblems("MALFORMED_REQUEST", "REPORT_UNKNOWN")
  @ApiOperation({
    operationId: "exportReport",
    summary: "What moved money in a closed period, as CSV",
    description: `A line for each payment, reversal and refund. Columns: ${CSV_COLUMNS.join(", ")}.`,
  })
  @AnswersCsv()
  zCsv(@Param("n", { schema: reportNumberSchema }) number: number, @Asking() caller: Caller | null): StreamableFile {
    this.access.assertMay(caller, "reports");
    return this.csv(number);
  }

  @Get(":n")
  @ApiProblems("MALFORMED_REQUEST", "REPORT_UNKNOWN")
  @ApiOperation({ operationId: "showReport", summary: "One closed period" })
  @Answers(reportSchema, "The Z report as it was closed")
  one(@Param("n", { schema: reportNumberSchema }) number: number, @Asking() caller: Caller | null): ReportBody {
    this.access.assertMay(caller, "reports");
    return bodyOf(this.reports.one(number));
  }

  private csv(number: number | "x"): StreamableFile {
    return new StreamableFile(Readable.from(this.reports.csv(number)), {
      disposition: `attachment; filename="report-${number}.csv"`,
    });
  }
}

function bodyOf(report: Report): ReportBody {
  return { ...report, totals: [...report.totals], lines: [...report.lines] };
}
