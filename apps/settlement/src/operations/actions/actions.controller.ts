import { Body, Controller, Get, HttpCode, Inject, Param, Post } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { formatAmount, type Asset } from "@tallystick/money";
import { z } from "zod";
import { failedActions } from "../../chain/refused/failed-actions.ts";
import { FAILED_KINDS } from "../../chain/refused/failed-kinds.ts";
import { HeldActions } from "../../chain/refused/held-actions.ts";
import {
  heldAnswer,
  heldAnswerSchema,
  heldRequestSchema,
  type HeldAnswer,
  type HeldRequest,
} from "../../chain/refused/held-views.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { pathUuid } from "../../foundation/http/path-values.ts";
import { CallActor, RequireRight, type Actor } from "../../foundation/http/roles.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";

const failedActionsSchema = z.object({
  actions: z.array(
    z.object({
      id: z.uuid(),
      kind: z.string().describe("of the action; `deposit` is one for a withheld voucher"),
      state: z
        .enum(["failed", "refused", "planned"])
        .describe("`planned`: it was refused, and is about to be tried again"),
      reason: z.string().nullable(),
      amount: z.string().nullable().describe("what it was to move; null where it moves none"),
      since: z.iso.datetime().describe("when it ended without effect first, however often it was tried since"),
      triedAgain: z.boolean().describe("it, or what stands in its place, is tried again by itself"),
      next: z.string().describe("who must do what"),
      mayRetry: z.boolean().describe("whether a person may have it tried again"),
      maySetAside: z.boolean().describe("whether a person may set it aside"),
    }),
  ),
});

type FailedActionsAnswer = z.infer<typeof failedActionsSchema>;

/** Chain actions that ended without effect, and of which something is left to do. */
@ApiTags("actions")
@Controller("v1/actions")
export class ActionsController {
  constructor(
    @Inject(HeldActions) private readonly held: HeldActions,
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  @Get("failed")
  @RequireRight("read")
  @ApiProblems()
  @ApiOperation({
    operationId: "listFailedActions",
    summary: "Chain actions that failed or were refused, and of which something is left to do, the newest first.",
  })
  @ApiOkResponse({ standardSchema: failedActionsSchema })
  async failed(): Promise<FailedActionsAnswer> {
    const found = await failedActions(this.db, LIMITS.listRows);
    return {
      actions: found.map(({ id, kind, state, failure, units, since, again }) => {
        const { who, next, retry, setAside } = FAILED_KINDS[kind];
        return {
          ...{ id, kind, state, reason: failure, since: since.toISOString(), triedAgain: again },
          amount: units === null ? null : formatAmount(units, this.asset),
          ...{ next: `${who} must ${next}.`, mayRetry: retry !== null, maySetAside: setAside !== null },
        };
      }),
    };
  }

  @Post(":id/retry")
  @RequireRight("actions")
  @HttpCode(200)
  @ApiProblems("NOT_FOUND", "DECIDED_ELSEWHERE")
  @ApiOperation({
    operationId: "retryAction",
    summary:
      "Has a chain action that was refused, or has failed, tried again at once; without effect where it is under way.",
  })
  @ApiOkResponse({ standardSchema: heldAnswerSchema })
  async retry(
    @Param("id") id: string,
    @CallActor() actor: Actor,
    @Body({ schema: heldRequestSchema }) request: HeldRequest,
  ): Promise<HeldAnswer> {
    return heldAnswer(await this.held.retry({ ...request, kind: "action", id: pathUuid(id), actor }));
  }

  @Post(":id/abandon")
  @RequireRight("actions")
  @HttpCode(200)
  @ApiProblems("NOT_FOUND", "DECIDED_ELSEWHERE", "ACTION_UNDER_WAY")
  @ApiOperation({
    operationId: "abandonAction",
    summary: "Sets a chain action aside that is not signed, or has failed.",
  })
  @ApiOkResponse({ standardSchema: heldAnswerSchema })
  async abandon(
    @Param("id") id: string,
    @CallActor() actor: Actor,
    @Body({ schema: heldRequestSchema }) request: HeldRequest,
  ): Promise<HeldAnswer> {
    return heldAnswer(await this.held.abandon({ ...request, kind: "action", id: pathUuid(id), actor }));
  }
}
