import { Controller, Get, Header, Inject } from "@nestjs/common";
import { ApiOperation, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import { Metrics } from "./metrics.ts";

@ApiTags("metrics")
@RequireRight("metrics")
@Controller("metrics")
export class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get()
  @Header("content-type", "text/plain; version=0.0.4; charset=utf-8")
  @ApiOkResponse({
    description: "The text format of Prometheus",
    content: { "text/plain": { schema: { type: "string" } } },
  })
  @ApiProblems()
  @ApiOperation({ operationId: "showMetrics", summary: "The service in figures, for Prometheus." })
  async show(): Promise<string> {
    return this.metrics.text();
  }
}
