import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { giveBacksAnswerSchema } from "./return-answers.ts";
import { ReturnViews, type CancellationView, type GiveBackView } from "./return-views.ts";

@ApiTags("give-backs")
@Controller("v1/give-backs")
export class ReturnsController {
  constructor(@Inject(ReturnViews) private readonly views: ReturnViews) {}

  @Get()
  @ApiOperation({ summary: "What terminals cancelled, and what payees and owners gave back on the chain." })
  @ApiOkResponse({ standardSchema: giveBacksAnswerSchema })
  async list(): Promise<{ cancellations: readonly CancellationView[]; giveBacks: readonly GiveBackView[] }> {
    const [cancellations, giveBacks] = await Promise.all([this.views.cancellations(), this.views.giveBacks()]);
    return { cancellations, giveBacks };
  }
}
