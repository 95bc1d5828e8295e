import { Body, Controller, Get, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import {
  approvalAnswerSchema,
  approvalGivenSchema,
  approvalRequestSchema,
  approvalsAnswerSchema,
  type ApprovalAnswer,
  type ApprovalGiven,
  type ApprovalRequest,
} from "./approval-answers.ts";
import { ApprovalDecisions } from "./approval-decisions.ts";

/** What waits for a second person. */
@ApiTags("approvals")
@RequireRight("approvals")
@Controller("v1/approvals")
export class ApprovalsController {
  constructor(@Inject(ApprovalDecisions) private readonly decisions: ApprovalDecisions) {}

  @Get()
  @ApiProblems()
  @ApiOperation({
    operationId: "listApprovals",
    summary: "What was asked for above the sum that needs a second person, the newest first.",
  })
  @ApiOkResponse({ standardSchema: approvalsAnswerSchema })
  async list(): Promise<{ approvals: readonly ApprovalAnswer[] }> {
    return { approvals: await this.decisions.list() };
  }

  @Post(":id/approval")
  @HttpCode(200)
  @ApiProblems(
    ...(["NOT_FOUND", "NAME_NEEDED", "SECOND_PERSON_NEEDED", "APPROVAL_OVER", "SUM_GREW"] as const),
    ...(["CARD_UNKNOWN", "CARD_REVOKED", "KEY_REUSED", "AMOUNT_RANGE", "INSOLVENT", "TRANSFERS_STOPPED"] as const),
    ...(["NOTHING_OWED", "PAYEE_UNCONFIRMED", "NOT_WITHHELD", "PAYMENT_UNDER_WAY", "CHAIN_UNREACHABLE"] as const),
  )
  @ApiOperation({
    operationId: "approve",
    summary:
      "Another person approves what was asked for: it is done with this call, once, and never above the sum seen.",
  })
  @ApiOkResponse({ standardSchema: approvalAnswerSchema })
  async approve(
    @Param("id") id: string,
    @Body({ schema: approvalGivenSchema }) given: ApprovalGiven,
    @CallActor() actor: Actor,
  ): Promise<ApprovalAnswer> {
    return await this.decisions.approve(id, given, actor);
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
    return await this.decisions.refuse(id, reason, actor);
  }
}
