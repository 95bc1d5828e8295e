import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { RequireRight } from "../../foundation/http/roles.ts";
import { returnsAnswerSchema } from "./return-answers.ts";
import { LateReversals, type LateReversalView } from "./late-reversals.ts";
import { ReturnViews, type ReversalView, type ReturnView } from "./return-views.ts";

@ApiTags("returns")
@RequireRight("read")
@Controller("v1/returns")
export class ReturnsController {
  constructor(
    @Inject(ReturnViews) private readonly views: ReturnViews,
    @Inject(LateReversals) private readonly late: LateReversals,
  ) {}

  @Get()
  @ApiProblems()
  @ApiOperation({
    operationId: "listReturns",
    summary: "What terminals reversed, and what payees and owners returned on the chain.",
  })
  @ApiOkResponse({ standardSchema: returnsAnswerSchema })
  async list(): Promise<{
    reversals: readonly ReversalView[];
    unconfirmed: readonly LateReversalView[];
    returns: readonly ReturnView[];
  }> {
    const [reversals, unconfirmed, returns] = await Promise.all([
      this.views.reversals(),
      this.late.waiting(),
      this.views.returns(),
    ]);
    return { reversals, unconfirmed, returns };
  }
}
