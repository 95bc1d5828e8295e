import { Body, Controller, Inject, Param, Post, Res, UseFilters } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { HeldActions } from "../../chain/refused/held-actions.ts";
import { pathAddress, pathHash, pathTerminalId, pathUuid } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { CallActor, Page, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { WithheldPayments } from "../../vouchers/withheld/withheld-payments.ts";
import { WithheldRefusals } from "../../vouchers/withheld/withheld-refusals.ts";
import { REFUSAL_GROUNDS, type RefusalGround } from "../../vouchers/withheld/withheld-answers.ts";
import { type ApprovalGiven, approvalGivenSchema } from "../approvals/approval-answers.ts";
import { ApprovalDecisions } from "../approvals/approval-decisions.ts";
import { CaseDecisions } from "../cases/case-decisions.ts";
import { CaseViews } from "../cases/case-views.ts";
import { caseNumber } from "../cases/cases.controller.ts";
import {
  merchantNameSchema,
  PartyNames,
  terminalNameSchema,
  type MerchantName,
  type TerminalName,
} from "../names/party-names.ts";
import { Periods } from "../periods/periods.ts";
import { type FormReply, type Reason, reasonSchema } from "./forms/form-parts.ts";
import { PageProblems } from "./page-problems.tsx";

const refusalSchema = z.strictObject({
  reason: reasonText,
  ground: z.enum(REFUSAL_GROUNDS as [RefusalGround, ...RefusalGround[]]),
});

/** What is decided about, and how. */
interface DecisionPath {
  readonly id: string;
  readonly what: string;
}

/** What the console's forms do: the same as the API's calls, and back to the page. */
@ApiExcludeController()
@Page()
@UseFilters(PageProblems)
@Controller("console")
export class ConsoleFormsController {
  constructor(
    @Inject(CaseDecisions) private readonly cases: CaseDecisions,
    @Inject(CaseViews) private readonly views: CaseViews,
    @Inject(WithheldPayments) private readonly payments: WithheldPayments,
    @Inject(WithheldRefusals) private readonly refusals: WithheldRefusals,
    @Inject(HeldActions) private readonly held: HeldActions,
    @Inject(PartyNames) private readonly names: PartyNames,
    @Inject(Periods) private readonly periods: Periods,
    @Inject(ApprovalDecisions) private readonly approvals: ApprovalDecisions,
  ) {}

  @RequireRight("cases")
  @Post("cases/:id/owner")
  async take(
    @Param("id") id: string,
    @Body({ schema: reasonSchema }) { reason }: Reason,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    await this.cases.take({ id: caseNumber(id), reason, actor });
    reply.redirect(`/console/cases/${id}`, 303);
  }

  @RequireRight("cases")
  @Post("cases/:id/resolution")
  async resolve(
    @Param("id") id: string,
    @Body({ schema: reasonSchema }) { reason }: Reason,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    await this.cases.resolve({ id: caseNumber(id), reason, actor });
    reply.redirect(`/console/cases/${id}`, 303);
  }

  @RequireRight("withheld")
  @Post("cases/:id/payment")
  async pay(
    @Param("id") id: string,
    @Body({ schema: reasonSchema }) { reason }: Reason,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    await this.payments.pay(await this.withheldVoucher(id), reason, actor);
    reply.redirect(`/console/cases/${id}`, 303);
  }

  @RequireRight("withheld")
  @Post("cases/:id/refusal")
  async refuse(
    @Param("id") id: string,
    @Body({ schema: refusalSchema }) { ground, reason }: z.infer<typeof refusalSchema>,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    await this.refusals.refuse(await this.withheldVoucher(id), { ground, reason, signature: null }, actor);
    reply.redirect(`/console/cases/${id}`, 303);
  }

  @RequireRight("actions")
  @Post("queues/action/:id/:what")
  async action(
    @Param() { id, what }: DecisionPath,
    @Body({ schema: reasonSchema }) { reason }: Reason,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    const decision = { kind: "action", id: pathUuid(id), reason, actor } as const;
    await (what === "abandon" ? this.held.abandon(decision) : this.held.retry(decision));
    reply.redirect("/console/queues", 303);
  }

  @RequireRight("names")
  @Post("merchants/:payee/name")
  async nameMerchant(
    @Param("payee") payee: string,
    @Body({ schema: merchantNameSchema }) given: MerchantName,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    await this.names.nameMerchant(pathAddress(payee), given, actor);
    reply.redirect(`/console/merchants/${payee}`, 303);
  }

  @RequireRight("names")
  @Post("merchants/:payee/terminals/:terminalId/name")
  async nameTerminal(
    @Param("payee") payee: string,
    @Param("terminalId") terminalId: string,
    @Body({ schema: terminalNameSchema }) given: TerminalName,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    await this.names.nameTerminal(pathAddress(payee), pathTerminalId(terminalId), given, actor);
    reply.redirect(`/console/merchants/${payee}#t-${terminalId}`, 303);
  }

  @RequireRight("approvals")
  @Post("approvals/:id/:what")
  async second(
    @Param() { id, what }: DecisionPath,
    @Body({ schema: approvalGivenSchema }) given: ApprovalGiven,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    if (what === "approval") await this.approvals.approve(id, given, actor);
    else await this.approvals.refuse(id, given.reason, actor);
    reply.redirect("/console/approvals", 303);
  }

  @RequireRight("periods")
  @Post("books/periods")
  async close(
    @Body({ schema: reasonSchema }) { reason }: Reason,
    @CallActor() actor: Actor,
    @Res() reply: FormReply,
  ): Promise<void> {
    await this.periods.close(reason, actor);
    reply.redirect("/console/books", 303);
  }

  /** The voucher that a case is about. Throws Problem NOT_FOUND, NOT_WITHHELD. */
  private async withheldVoucher(id: string): Promise<Uint8Array> {
    const { kind, voucherId } = await this.views.find(caseNumber(id));
    if (kind === "WITHHELD" && voucherId !== null) return pathHash(voucherId);
    throw new Problem("NOT_WITHHELD", "The case is about no withheld voucher.");
  }
}
