import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { ISSUER_SIGNERS } from "../../chain/chain-connections.ts";
import type { IssuerSigners } from "../../chain/issuer-signers.ts";
import { ApiProblems } from "../../foundation/http/api-problems.ts";
import { ForTerminals, RequireRole } from "../../foundation/http/roles.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { QueueViews } from "../../work/queue-views.ts";
import { Queues } from "../../work/queues.ts";
import { GuaranteeStatusReader } from "./guarantee-status.ts";
import { domainAnswerSchema, queuesAnswerSchema, readinessAnswerSchema } from "./readiness-answers.ts";
import { Readiness } from "./readiness.ts";

@ApiTags("service")
@Controller("v1")
export class ReadinessController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(QueueViews) private readonly views: QueueViews,
    @Inject(Queues) private readonly queues: Queues,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(GuaranteeStatusReader) private readonly status: GuaranteeStatusReader,
    @Inject(ISSUER_SIGNERS) private readonly signers: IssuerSigners,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get("readiness")
  @RequireRole("any")
  @ApiProblems()
  @ApiOperation({
    operationId: "showReadiness",
    summary: "Whether every part answers, and what is held up where one does not.",
  })
  @ApiOkResponse({ standardSchema: readinessAnswerSchema })
  async ready(): Promise<Record<string, unknown>> {
    const [report, held] = await Promise.all([this.readiness.report(), this.status.read()]);
    if (held === null) return { ...report, guarantee: null };
    const tokens = formatTotal(held.tokens, this.asset);
    return { ...report, guarantee: { account: toHex(held.account), tokens, gas: held.gas.toString() } };
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
  @RequireRole("any")
  @ApiProblems()
  @ApiOperation({
    operationId: "showQueues",
    summary: "What waits: vouchers by state, chain actions by state, wake-up calls, anomalies.",
  })
  @ApiOkResponse({ standardSchema: queuesAnswerSchema })
  async work(): Promise<Record<string, unknown>> {
    const [work, queues] = await Promise.all([this.views.summary(), this.queues.counts()]);
    return { ...work, queues };
  }
}
