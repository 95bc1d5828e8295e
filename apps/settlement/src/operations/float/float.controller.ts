import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import { floatAnswerSchema, type FloatAnswer } from "./float-answers.ts";
import { FloatReport } from "./float-report.ts";

@ApiTags("reconciliation")
@RequireRight("read")
@Controller("v1/float")
export class FloatController {
  constructor(@Inject(FloatReport) private readonly float: FloatReport) {}

  @Get()
  @ApiProblems()
  @ApiOperation({
    operationId: "showFloat",
    summary: "What is on cards: deposits, spent, liability, its age, what ends soon and what is on its way.",
  })
  @ApiOkResponse({ standardSchema: floatAnswerSchema })
  show(): Promise<FloatAnswer> {
    return this.float.read();
  }
}
