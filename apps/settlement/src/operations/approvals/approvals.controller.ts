import { Body, Controller, Get, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import type { Asset } from "@tallystick/money";
import { type Approval, Approvals } from "../../books/approvals/approvals.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import type { ApprovalKind } from "../../foundation/database/tables/approvals-table.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathUuid } from "../../foundation/http/path-values.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { mayDo, type Right, ROLES_OF } from "../../foundation/rights.ts";
import { Fundings } from "../../issuing/cards/fundings.ts";
import { Payouts } from "../../issuing/payouts/payouts.ts";
import { WithheldPayments } from "../../vouchers/withheld/withheld-payments.ts";
import {
  approvalAnswer,
  approvalAnswerSchema,
  approvalRequestSchema,
  approvalsAnswerSchema,
  type ApprovalAnswer,
  type ApprovalRequest,
} from "./approval-answers.ts";

/** Who may do a thing may approve it for another person. */
const RIGHT_OF: Readonly<Record<ApprovalKind, Right>> = {
  funding: "cards",
  payout: "payouts",
  "withheld-payment": "withheld",
};

/** What waits for a second person. */
@ApiTags("approvals")
@RequireRight("approvals")
@Controller("v1/approvals")
export class ApprovalsController {
  constructor(
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(Fundings) private readonly fundings: Fundings,
    @Inject(Payouts) private readonly payouts: Payouts,
    @Inject(WithheldPayments) private readonly payments: WithheldPayments,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiProblems()
  @ApiOperation({
    operationId: "listApprovals",
    summary: "What was asked for above the sum that needs a second person, the newest first.",
  })
  @ApiOkResponse({ standardSchema: approvalsAnswerSchema })
  async list(): Promise<{ approvals: readonly ApprovalAnswer[] }> {
    return { approvals: (await this.approvals.list()).map((row) => this.answer(row)) };
  }

  @Post(":id/approval")
  @HttpCode(200)
  @ApiProblems(
    ...(["NOT_FOUND", "NAME_NEEDED", "SECOND_PERSON_NEEDED", "APPROVAL_OVER"] as const),
    ...(["CARD_UNKNOWN", "CARD_REVOKED", "KEY_REUSED", "AMOUNT_RANGE", "INSOLVENT", "TRANSFERS_STOPPED"] as const),
    ...(["NOTHING_OWED", "PAYEE_UNCONFIRMED", "NOT_WITHHELD", "PAYMENT_UNDER_WAY", "CHAIN_UNREACHABLE"] as const),
  )
  @ApiOperation({
    operationId: "approve",
    summary: "Another person approves what was asked for: it is done with this call, and once.",
  })
  @ApiOkResponse({ standardSchema: approvalAnswerSchema })
  async approve(
    @Param("id") id: string,
    @Body({ schema: approvalRequestSchema }) { reason }: ApprovalRequest,
    @CallActor() actor: Actor,
  ): Promise<ApprovalAnswer> {
    const asked = await this.allowed(id, actor);
    await this.act(asked, reason, actor);
    return this.answer(await this.approvals.find(asked.id));
  }

  @Post(":id/refusal")
  @HttpCode(200)
  @ApiProblems("NOT_FOUND", "NAME_NEEDED", "SECOND_PERSON_NEEDED", "APPROVAL_OVER")
  @ApiOperation({ operationId: "refuseApproval", summary: "Another person refuses what was asked for." })
  @ApiOkResponse({ standardSchema: approvalAnswerSchema })
  async refuse(
    @Param("id") id: string,
    @Body({ schema: approvalRequestSchema }) { reason }: ApprovalRequest,
    @CallActor() actor: Actor,
  ): Promise<ApprovalAnswer> {
    const asked = await this.allowed(id, actor);
    return this.answer(await this.approvals.refuse(asked.id, reason, actor));
  }

  /** Throws Problem NOT_FOUND, and FORBIDDEN for a role that might not do the thing itself. */
  private async allowed(id: string, actor: Actor): Promise<Approval> {
    const asked = await this.approvals.find(pathUuid(id));
    const right = RIGHT_OF[asked.kind];
    if (mayDo(actor.role, right)) return asked;
    throw new Problem("FORBIDDEN", `This needs one of the roles ${ROLES_OF[right].join(", ")}.`);
  }

  private async act({ id, kind, subject, units, request }: Approval, reason: string, actor: Actor): Promise<void> {
    switch (kind) {
      case "funding":
        await this.fundings.plan({ card: subject, amount: units, key: request["key"] ?? "", reason }, actor, id);
        return;
      case "payout":
        await this.payouts.plan({ payee: subject, reason }, actor, id);
        return;
      case "withheld-payment":
        await this.payments.pay(subject, reason, actor, id);
    }
  }

  private answer(row: Approval): ApprovalAnswer {
    return approvalAnswer(row, { asset: this.asset, now: this.clock.now() });
  }
}
