import { Controller, Get, Inject, Res, UseFilters } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { CallActor, CallSession, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import type { Session } from "../../foundation/http/sessions.ts";
import { ConsolePage } from "./page-headers.ts";
import { Frames } from "./frames.ts";
import { firstPageOf, PageProblems } from "./page-problems.tsx";
import { HomePage } from "./pages/home.tsx";
import { ChartReader } from "./read/charts.ts";
import { OverviewReader } from "./read/overview.ts";
import { documentOf } from "./view/frame.tsx";

/** The part of Fastify's reply that sends a browser elsewhere. */
interface Reply {
  redirect(path: string, status: number): unknown;
  send(body: string): unknown;
}

/**
 * Leads a browser that is signed in to its first page. Who shows a token, typed as a password, gets the
 * first screen here; who has neither is asked for it.
 */
@ApiExcludeController()
@RequireRight("self")
@UseFilters(PageProblems)
@Controller()
export class ConsoleRootController {
  constructor(
    @Inject(OverviewReader) private readonly overview: OverviewReader,
    @Inject(ChartReader) private readonly charts: ChartReader,
    @Inject(Frames) private readonly frames: Frames,
  ) {}

  @Get()
  @ConsolePage()
  async home(@CallActor() actor: Actor, @CallSession() session: Session | null, @Res() reply: Reply): Promise<void> {
    if (session !== null) {
      reply.redirect(firstPageOf(session), 303);
      return;
    }
    const [overview, charts] = await Promise.all([this.overview.read(), this.charts.read()]);
    reply.send(documentOf(HomePage({ frame: this.frames.of(actor, null), overview, charts })));
  }
}
