import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import { forksAnswerSchema } from "./fork-answers.ts";
import { ForkViews, type ForkView } from "./fork-views.ts";

@ApiTags("forks")
@RequireRight("read")
@Controller("v1/forks")
export class ForksController {
  constructor(@Inject(ForkViews) private readonly views: ForkViews) {}

  @Get()
  @ApiProblems()
  @ApiOperation({
    operationId: "listForks",
    summary: "Cards that signed two messages with one counter, with both as evidence.",
  })
  @ApiOkResponse({ standardSchema: forksAnswerSchema })
  async list(): Promise<{ forks: readonly ForkView[] }> {
    return { forks: await this.views.list() };
  }
}
