import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathHash } from "../../foundation/http/path-values.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import {
  orderReportListSchema,
  orderReportRequestSchema,
  orderReportSchema,
  type OrderReportAnswer,
  type OrderReportList,
  type OrderReportRequest,
} from "./order-report-answers.ts";
import { OrderReports } from "./order-reports.ts";

@ApiTags("cards")
@RequireRight("read")
@Controller("v1/order-reports")
export class OrderReportsController {
  constructor(@Inject(OrderReports) private readonly reports: OrderReports) {}

  @Post()
  @HttpCode(200)
  @RequireRight("cards")
  @ApiProblems("ORDER_REPORT_FORM", "ORDER_REPORT_DOMAIN", "ORDER_REPORT_SIGNATURE")
  @ApiOperation({
    operationId: "storeOrderReport",
    summary: "Verifies a station's signed report of an order, and keeps it as it came.",
  })
  @ApiOkResponse({ standardSchema: orderReportSchema })
  store(
    @Body({ schema: orderReportRequestSchema }) { report }: OrderReportRequest,
    @CallActor() actor: Actor,
  ): Promise<OrderReportAnswer> {
    return this.reports.store(report, actor);
  }

  @Get()
  @ApiProblems()
  @ApiOperation({ operationId: "listOrderReports", summary: "The newest reports of orders, the last that came first." })
  @ApiOkResponse({ standardSchema: orderReportListSchema })
  async list(): Promise<OrderReportList> {
    return { reports: await this.reports.newest({ rows: LIMITS.listRows, withinMs: LIMITS.answerWaitMs }) };
  }

  @Get(":digest")
  @ApiProblems("NOT_FOUND")
  @Header("content-type", "text/plain; charset=utf-8")
  @Header("content-disposition", 'attachment; filename="order.report"')
  @ApiOperation({
    operationId: "downloadOrderReport",
    summary: "A report as its station wrote it: `tallystick-issuer report verify FILE` judges it.",
  })
  @ApiOkResponse({
    description: "A JSON object a line, the last one with the signature",
    content: { "text/plain": { schema: { type: "string" } } },
  })
  async download(@Param("digest") digest: string): Promise<string> {
    return this.reports.text(pathHash(digest));
  }
}
