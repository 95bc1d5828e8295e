import { Controller, Get, Inject, Res } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { formatTotal, type Asset } from "@tallystick/money";
import { within } from "@tallystick/program";
import { PROBLEM_MEDIA_TYPE } from "@tallystick/program/service";
import { toHex } from "@tallystick/protocol";
import { ISSUER_SIGNERS } from "../../chain/chain-connections.ts";
import type { IssuerSigners } from "../../chain/issuer-signers.ts";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ForTerminals, RequireRight } from "../../foundation/http/roles.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { problems } from "../../foundation/http/problem.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { QueueViews } from "../../jobs/queue-views.ts";
import { Queues } from "../../jobs/queues.ts";
import { domainAnswerSchema, queuesAnswerSchema, readinessAnswerSchema } from "./readiness-answers.ts";
import { Readiness } from "./readiness.ts";

/** The part of Fastify's reply that is written to. */
interface Reply {
  status(status: number): { header(name: string, value: string): unknown };
}

const { status: NOT_READY_STATUS } = problems.kind("NOT_READY");

@ApiTags("service")
@Controller("v1")
export class ReadinessController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(QueueViews) private readonly views: QueueViews,
    @Inject(Queues) private readonly queues: Queues,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(ISSUER_SIGNERS) private readonly signers: IssuerSigners,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get("readiness")
  @RequireRight("read")
  @ApiProblems("NOT_READY")
  @ApiOperation({
    operationId: "showReadiness",
    summary: "Whether money moves, and what keeps it from moving. 503 with the same members where it does not.",
  })
  @ApiOkResponse({ standardSchema: readinessAnswerSchema })
  async ready(@Res({ passthrough: true }) reply: Reply): Promise<Record<string, unknown>> {
    const report = await this.readiness.report();
    const answer = { ...report, fuel: this.fuel(), depositFuel: this.depositFuel(), guarantee: this.guarantee() };
    if (report.ready) return answer;
    void reply.status(NOT_READY_STATUS).header("content-type", PROBLEM_MEDIA_TYPE);
    const codes = report.reasons.map(({ code }) => code).join(", ");
    return { ...problems.body("NOT_READY", `${codes}.`), ...answer };
  }

  private fuel(): Record<string, unknown> | null {
    const { fuel } = this.readiness;
    return fuel === null ? null : { ...fuel, account: toHex(fuel.account), wei: fuel.wei.toString() };
  }

  private depositFuel(): Record<string, unknown> | null {
    const { depositFuel: fuel } = this.readiness;
    return fuel === null ? null : { account: toHex(fuel.account), wei: fuel.wei.toString(), deposits: fuel.batches };
  }

  private guarantee(): Record<string, unknown> | null {
    const held = this.readiness.guarantee;
    if (held === null) return null;
    const tokens = formatTotal(held.tokens, this.asset);
    return { account: toHex(held.account), tokens, gas: held.gas.toString() };
  }

  @Get("domain")
  @ForTerminals()
  @ApiProblems()
  @ApiOperation({
    operationId: "showDomain",
    summary: "The vault this service settles for, its asset and the issuer's public keys.",
  })
  @ApiOkResponse({ standardSchema: domainAnswerSchema })
  domain(): Record<string, unknown> {
    const { chainId, vault, token, asset } = this.config;
    const { bears, perCard, perPayeePerDay } = this.config.guarantee;
    const account = this.signers.guarantee?.address;
    return {
      chainId: Number(chainId),
      vault: toHex(vault),
      token: toHex(token),
      asset: { code: asset.code, decimals: asset.decimals, scale: asset.scale.toString() },
      guarantee: {
        ...{ bears, perCard, perPayeePerDay },
        account: bears && account !== undefined ? toHex(account) : null,
      },
      issuerKeys: this.issuer.knownKeys.map(({ id, publicKey }) => ({ id, publicKey: toHex(publicKey) })),
    };
  }

  @Get("queues")
  @RequireRight("read")
  @ApiProblems()
  @ApiOperation({
    operationId: "showQueues",
    summary: "What waits: vouchers by state, chain actions by state, wake-up calls, anomalies.",
  })
  @ApiOkResponse({ standardSchema: queuesAnswerSchema })
  async work(): Promise<Record<string, unknown>> {
    const [work, counts] = await Promise.all([this.views.summary(), within(LIMITS.answerWaitMs, this.queues.counts())]);
    return { ...work, queues: counts?.value ?? null };
  }
}
