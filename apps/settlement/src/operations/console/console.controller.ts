import { Controller, Get, Inject, Query, Res, UseFilters } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { CallActor, CallSession, Page, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import type { Session } from "../../foundation/http/sessions.ts";
import { Frames } from "./frames.ts";
import { SEARCH_CHARACTERS } from "./limits.ts";
import { ConsolePage } from "./page-headers.ts";
import { PageProblems } from "./page-problems.tsx";
import { HomePage } from "./pages/home.tsx";
import { SearchPage } from "./pages/search.tsx";
import { ChartReader } from "./read/charts.ts";
import { OverviewReader } from "./read/overview.ts";
import { Search } from "./read/search.ts";
import { documentOf } from "./view/frame.tsx";

/** The part of Fastify's reply that sends a browser elsewhere. */
interface Reply {
  redirect(path: string, status: number): unknown;
  send(body: string): unknown;
}

/** The first screen and the search of the console: pages that work without scripts. */
@ApiExcludeController()
@RequireRight("read")
@Page()
@UseFilters(PageProblems)
@Controller()
export class ConsoleController {
  constructor(
    @Inject(OverviewReader) private readonly overview: OverviewReader,
    @Inject(ChartReader) private readonly charts: ChartReader,
    @Inject(Search) private readonly search: Search,
    @Inject(Frames) private readonly frames: Frames,
  ) {}

  @Get("console")
  @ConsolePage()
  async home(@CallActor() actor: Actor, @CallSession() session: Session | null): Promise<string> {
    const [overview, charts] = await Promise.all([this.overview.read(), this.charts.read()]);
    return documentOf(HomePage({ frame: this.frames.of(actor, session), overview, charts }));
  }

  /** What one thing alone fits is shown at once. */
  @Get("console/search")
  @ConsolePage()
  async find(
    @Query("q") given: unknown,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
    @Res() reply: Reply,
  ): Promise<void> {
    const query = typeof given === "string" ? given.trim().slice(0, SEARCH_CHARACTERS) : "";
    const groups = await this.search.find(query);
    const [only, ...more] = groups.flatMap(({ hits }) => hits);
    if (only !== undefined && more.length === 0) {
      reply.redirect(only.href, 303);
      return;
    }
    reply.send(documentOf(SearchPage({ frame: this.frames.of(actor, session), query, groups })));
  }
}
