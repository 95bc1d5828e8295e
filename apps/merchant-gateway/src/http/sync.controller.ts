import { Body, Controller, HttpCode, Inject, Post, Query } from "@nestjs/common";
import { ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import type { z } from "zod";
import { ApiProblems } from "./api-problems.ts";
import { ChainWatch } from "../chain/watch/chain-watch.ts";
import { OutcomeFollower } from "../chain/outcomes/outcome-follower.ts";
import { Exchange } from "../sync/exchange.ts";
import { Answers } from "./describe.ts";
import { Problem } from "./problem.ts";
import { syncQuerySchema, emptyRequestSchema, syncResultSchema } from "./wire.ts";

/** Send now. */
@ApiTags("sync")
@Controller("v1/sync")
export class SyncController {
  constructor(
    @Inject(Exchange) private readonly exchange: Exchange,
    @Inject(ChainWatch) private readonly chainWatch: ChainWatch,
    @Inject(OutcomeFollower) private readonly outcomes: OutcomeFollower,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiProblems("NO_SETTLEMENT", "SETTLEMENT_UNREACHABLE")
  @ApiOperation({
    operationId: "exchangeNow",
    summary: "Exchange with settlement now",
    description:
      "Fetches head and status list, sends what is unsent, asks for what was sent, and looks on the chain for what is paid.",
  })
  @ApiQuery({
    name: "again",
    required: false,
    enum: ["true", "false"],
    description: "Sends the last upload once more, byte for byte",
  })
  @Answers(syncResultSchema, "What was sent and received")
  async sync(
    @Query({ schema: syncQuerySchema }) query: z.output<typeof syncQuerySchema>,
    @Body({ schema: emptyRequestSchema }) _body: z.output<typeof emptyRequestSchema>,
  ): Promise<z.output<typeof syncResultSchema>> {
    if (!this.exchange.hasSettlement()) {
      throw new Problem("NO_SETTLEMENT", "Enter settlementUrl in the configuration, or carry the vouchers on a stick.");
    }
    const { uploaded, statusList, reportedFinal, faults } = await this.exchange.run({ again: query.again === "true" });
    const unreachable = faults.find(({ away }) => away === true);
    if (unreachable !== undefined) {
      throw new Problem(
        "SETTLEMENT_UNREACHABLE",
        `${unreachable.message} What is unsent stays here and is sent when settlement answers.`,
        { members: { cause: unreachable.code } },
      );
    }
    await this.chainWatch.passAll();
    const { final, fault } = await this.outcomes.passGuarded();
    return {
      uploaded: { ...uploaded },
      statusList: statusList === null ? null : { ...statusList },
      reportedFinal,
      becameFinal: final,
      faults: [...faults, ...this.chainWatch.faults(), ...(fault === null ? [] : [fault])].map(({ code, message }) => ({
        code,
        message,
      })),
    };
  }
}
