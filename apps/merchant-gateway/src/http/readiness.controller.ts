import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import { Answers } from "./describe.ts";
import { readinessSchema } from "./wire.ts";
import { type Readiness, ReadinessReport } from "./readiness.ts";

/** Whether the terminal can sell, and what keeps it from it. */
@ApiTags("readiness")
@Controller("v1/readiness")
export class ReadinessController {
  constructor(@Inject(ReadinessReport) private readonly report: ReadinessReport) {}

  @Get()
  @ApiOperation({ summary: "The terminal's state", description: "Answered 200 also while the terminal cannot sell." })
  @Answers(readinessSchema, "Ready or not, with every reason")
  async readiness(): Promise<Readiness> {
    return await this.report.read();
  }
}
