import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { forksAnswerSchema } from "./fork-answers.ts";
import { ForkViews, type ForkView } from "./fork-views.ts";

@ApiTags("forks")
@Controller("v1/forks")
export class ForksController {
  constructor(@Inject(ForkViews) private readonly views: ForkViews) {}

  @Get()
  @ApiOperation({ summary: "Cards that signed two messages with one counter, with both as evidence." })
  @ApiOkResponse({ standardSchema: forksAnswerSchema })
  async list(): Promise<{ forks: readonly ForkView[] }> {
    return { forks: await this.views.list() };
  }
}
