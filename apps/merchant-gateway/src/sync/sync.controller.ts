import { Body, Controller, HttpCode, Inject, Post, Query } from "@nestjs/common";
import { ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import type { z } from "zod";
import { GATEWAY, type Gateway } from "../gateway.ts";
import { Answers } from "../http/describe.ts";
import { Problem } from "../http/problem.ts";
import { syncQuerySchema, emptyRequestSchema, syncResultSchema } from "../http/wire.ts";

/** Send now. */
@ApiTags("sync")
@Controller("v1/sync")
export class SyncController {
  constructor(@Inject(GATEWAY) private readonly gateway: Gateway) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: "Exchange with settlement now",
    description: "Fetches head and status list, sends what is unsent, asks for what was sent.",
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
    const { config, exchange } = this.gateway;
    if (config.domains.every(({ settlementUrl }) => settlementUrl === null)) {
      throw new Problem("NO_SETTLEMENT", "Enter settlementUrl in the configuration, or carry the vouchers on a stick.");
    }
    const { uploaded, statusList, becameFinal, faults } = await exchange.run({ again: query.again === "true" });
    const unreachable = faults.find(({ code }) => code === "SETTLEMENT_UNREACHABLE");
    if (unreachable !== undefined) {
      throw new Problem(
        "SETTLEMENT_UNREACHABLE",
        `${unreachable.message} What is unsent stays here and is sent when settlement answers.`,
      );
    }
    await this.gateway.chainWatch.passAll();
    return {
      uploaded: { ...uploaded },
      statusList: statusList === null ? null : { ...statusList },
      becameFinal,
      faults: [...faults, ...this.gateway.chainWatch.faults()],
    };
  }
}
