import { Controller, Get, Inject, Param, Query, UseFilters } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { lowerAccount } from "../../foundation/http/path-values.ts";
import { CallActor, CallSession, Page, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import type { Session } from "../../foundation/http/sessions.ts";
import { mayDo } from "../../foundation/rights.ts";
import { LateReversals } from "../../vouchers/returns/late-reversals.ts";
import { ReturnViews } from "../../vouchers/returns/return-views.ts";
import { WithheldViews } from "../../vouchers/withheld/withheld-views.ts";
import { CaseViews } from "../cases/case-views.ts";
import { caseKind, caseNumber } from "../cases/cases.controller.ts";
import { payeeNames } from "../names/payee-names.ts";
import { Periods } from "../periods/periods.ts";
import { LONG_ROWS } from "./limits.ts";
import { Frames } from "./frames.ts";
import { ConsolePage } from "./page-headers.ts";
import { PageProblems } from "./page-problems.tsx";
import { ApprovalsPage } from "./pages/approvals.tsx";
import { BooksPage } from "./pages/books.tsx";
import { CasesPage } from "./pages/cases/case-list.tsx";
import { CasePage } from "./pages/cases/case.tsx";
import { QueuesPage } from "./pages/queues.tsx";
import { ReturnsPage } from "./pages/returns.tsx";
import { BookReader, typedTime } from "./read/books.ts";
import { MoneyTexts } from "./read/money-texts.ts";
import { ApprovalReader } from "./read/waiting/approvals.ts";
import { WorkReader } from "./read/work.ts";
import { documentOf } from "./view/frame.tsx";

/** Pages of what people work on: cases, queues and books. */
@ApiExcludeController()
@RequireRight("read")
@Page()
@UseFilters(PageProblems)
@Controller("console")
export class ConsoleWorkController {
  constructor(
    @Inject(CaseViews) private readonly cases: CaseViews,
    @Inject(WorkReader) private readonly work: WorkReader,
    @Inject(BookReader) private readonly books: BookReader,
    @Inject(MoneyTexts) private readonly money: MoneyTexts,
    @Inject(Periods) private readonly periods: Periods,
    @Inject(ReturnViews) private readonly returns: ReturnViews,
    @Inject(LateReversals) private readonly late: LateReversals,
    @Inject(WithheldViews) private readonly withheld: WithheldViews,
    @Inject(ApprovalReader) private readonly approvals: ApprovalReader,
    @Inject(Frames) private readonly frames: Frames,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get("cases")
  @ConsolePage()
  async caseList(
    @Query() { state, kind, before }: Readonly<Record<string, string | undefined>>,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const choice = { resolved: state === "resolved", kind: caseKind(kind) };
    const place = before === undefined ? null : caseNumber(before);
    const list = await this.cases.list({ ...choice, before: place });
    return documentOf(CasesPage({ frame: this.frames.of(actor, session), choice, ...list }));
  }

  @Get("cases/:id")
  @ConsolePage()
  async oneCase(
    @Param("id") id: string,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const found = await this.cases.find(caseNumber(id));
    const names = await payeeNames(
      this.db,
      [found, ...found.messages].flatMap(({ payee }) => payee ?? []),
    );
    const rights = { mayDecide: mayDo(actor.role, "cases"), mayPay: mayDo(actor.role, "withheld") };
    return documentOf(CasePage({ frame: this.frames.of(actor, session), found, names, ...rights }));
  }

  @Get("queues")
  @ConsolePage()
  async queues(@CallActor() actor: Actor, @CallSession() session: Session | null): Promise<string> {
    const { role } = actor;
    return documentOf(QueuesPage({ frame: this.frames.of(actor, session), work: await this.work.read(), role }));
  }

  @Get("approvals")
  @ConsolePage()
  async secondPerson(@CallActor() actor: Actor, @CallSession() session: Session | null): Promise<string> {
    const data = { view: await this.approvals.read(), mayDecide: mayDo(actor.role, "approvals") };
    return documentOf(ApprovalsPage({ frame: this.frames.of(actor, session), ...data }));
  }

  @Get("returns")
  @ConsolePage()
  async returned(@CallActor() actor: Actor, @CallSession() session: Session | null): Promise<string> {
    const [withheld, reversals, unconfirmed, returns] = await Promise.all([
      this.withheld.list(),
      this.returns.reversals(),
      this.late.waiting(),
      this.returns.returns(),
    ]);
    const shown = [...withheld, ...reversals.slice(0, LONG_ROWS), ...unconfirmed, ...returns.slice(0, LONG_ROWS)];
    const names = await payeeNames(
      this.db,
      shown.flatMap(({ payee }) => payee ?? []),
    );
    const data = { withheld, reversals, unconfirmed, returns, names };
    return documentOf(ReturnsPage({ frame: this.frames.of(actor, session), data }));
  }

  @Get("books")
  @ConsolePage()
  async book(
    @Query() { account, at, before }: Readonly<Record<string, unknown>>,
    @CallActor() actor: Actor,
    @CallSession() session: Session | null,
  ): Promise<string> {
    const [id, typedAt, place] = [account, at, before].map((each) => (typeof each === "string" ? each.trim() : ""));
    const asked = id === undefined || id === "" ? null : { id: lowerAccount(id), at: typedAt ?? "" };
    const time = asked === null ? null : typedTime(asked.at, this.clock.now());
    const [money, periods, journal, found] = await Promise.all([
      this.money.read(),
      this.periods.list(),
      this.books.journal(place ?? null),
      asked === null || typeof time !== "number" ? null : this.books.account(asked.id, time),
    ]);
    const data = { money, periods, ...journal, asked, account: found, noTime: typeof time === "string" ? time : null };
    return documentOf(
      BooksPage({ frame: this.frames.of(actor, session), data, mayClose: mayDo(actor.role, "periods") }),
    );
  }
}
