import { Controller, Get, Header, Inject } from "@nestjs/common";
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from "@nestjs/swagger";
import { RequireRole } from "../../foundation/http/roles.ts";
import { Metrics } from "./metrics.ts";

@ApiTags("metrics")
@ApiBearerAuth()
@RequireRole("operator")
@Controller("metrics")
export class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get()
  @Header("content-type", "text/plain; version=0.0.4; charset=utf-8")
  @ApiProduces("text/plain")
  @ApiOperation({ summary: "The service in figures, for Prometheus." })
  async show(): Promise<string> {
    return this.metrics.text();
  }
}
