import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { returnsAnswerSchema } from "./return-answers.ts";
import { ReturnViews, type ReversalView, type ReturnView } from "./return-views.ts";

@ApiTags("returns")
@Controller("v1/returns")
export class ReturnsController {
  constructor(@Inject(ReturnViews) private readonly views: ReturnViews) {}

  @Get()
  @ApiOperation({ summary: "What terminals reversed, and what payees and owners returned on the chain." })
  @ApiOkResponse({ standardSchema: returnsAnswerSchema })
  async list(): Promise<{ reversals: readonly ReversalView[]; returns: readonly ReturnView[] }> {
    const [reversals, returns] = await Promise.all([this.views.reversals(), this.views.returns()]);
    return { reversals, returns };
  }
}
