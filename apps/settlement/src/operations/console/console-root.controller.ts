import { Controller, Get, Inject } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { ConsolePage } from "./page-headers.ts";
import { Frames } from "./frames.ts";
import { HomePage } from "./pages/home.tsx";
import { ChartReader } from "./read/charts.ts";
import { OverviewReader } from "./read/overview.ts";
import { documentOf } from "./view/frame.tsx";

/** The first screen for those who show a token, typed as a password; who has none is asked for it. */
@ApiExcludeController()
@RequireRight("read")
@Controller()
export class ConsoleRootController {
  constructor(
    @Inject(OverviewReader) private readonly overview: OverviewReader,
    @Inject(ChartReader) private readonly charts: ChartReader,
    @Inject(Frames) private readonly frames: Frames,
  ) {}

  @Get()
  @ConsolePage()
  async home(@CallActor() actor: Actor): Promise<string> {
    const [overview, charts] = await Promise.all([this.overview.read(), this.charts.read()]);
    return documentOf(HomePage({ frame: this.frames.of(actor, null), overview, charts }));
  }
}
