import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import { GATEWAY, type Gateway } from "../gateway.ts";
import { Answers } from "../http/describe.ts";
import { readinessSchema } from "../http/wire.ts";
import { type Readiness, readinessOf } from "./readiness.ts";

/** Whether the till can sell, and what keeps it from it. */
@ApiTags("readiness")
@Controller("v1/readiness")
export class ReadinessController {
  constructor(@Inject(GATEWAY) private readonly gateway: Gateway) {}

  @Get()
  @ApiOperation({ summary: "The till's state", description: "Answered 200 also while the till cannot sell." })
  @Answers(readinessSchema, "Ready or not, with every reason")
  async readiness(): Promise<Readiness> {
    return await readinessOf(this.gateway);
  }
}
