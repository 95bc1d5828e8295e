import { Controller, Get, Inject, Query, UseFilters } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { CallActor, CallSession, Page, RequireRight, type Actor } from "../../../foundation/http/roles.ts";
import type { Session } from "../../../foundation/http/sessions.ts";
import { CostReport } from "../../costs/cost-report.ts";
import { FEE_GROUPS } from "../../fees/fee-answers.ts";
import { FeeReports } from "../../fees/fee-reports.ts";
import { dayOf, periodOf } from "../../periods/period.ts";
import { Frames } from "../frames.ts";
import { ConsolePage } from "../page-headers.ts";
import { PageProblems } from "../page-problems.tsx";
import { CostsPage } from "../pages/money/costs.tsx";
import { documentOf } from "../view/frame.tsx";

/** What a period cost, for people; this month where none is asked for. */
@ApiExcludeController()
@RequireRight("read")
@Page()
@UseFilters(PageProblems)
@Controller("console/costs")
export class CostsPageController {
  constructor(
    @Inject(FeeReports) private readonly fees: FeeReports,
    @Inject(CostReport) private readonly costs: CostReport,
    @Inject(Frames) private readonly frames: Frames,
  ) {}

  @Get()
  @ConsolePage()
  async show(
    @Query() { from, to, by }: Readonly<Record<string, string | undefined>>,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const frame = this.frames.of(actor, session);
    const today = dayOf(frame.now);
    const period = periodOf(from ?? `${today.slice(0, "2026-11".length)}-01`, to ?? today);
    const group = FEE_GROUPS.find((each) => each === by) ?? "kind";
    const [fees, costs] = await Promise.all([this.fees.period(period, group), this.costs.period(period)]);
    return documentOf(CostsPage({ frame, fees, costs }));
  }
}
