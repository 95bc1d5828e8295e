import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { giveBacksAnswerSchema } from "../http/answers.ts";
import { GiveBackViews, type CancellationView, type GiveBackView } from "./give-back-views.ts";

@ApiTags("give-backs")
@Controller("v1/give-backs")
export class GiveBacksController {
  constructor(@Inject(GiveBackViews) private readonly views: GiveBackViews) {}

  @Get()
  @ApiOperation({ summary: "What terminals cancelled, and what payees and owners gave back on the chain." })
  @ApiOkResponse({ standardSchema: giveBacksAnswerSchema })
  async list(): Promise<{ cancellations: readonly CancellationView[]; giveBacks: readonly GiveBackView[] }> {
    const [cancellations, giveBacks] = await Promise.all([this.views.cancellations(), this.views.giveBacks()]);
    return { cancellations, giveBacks };
  }
}
