import { Controller, Get, Inject } from "@nestjs/common";
import { ApiOkResponse, ApiOperation, ApiTags } from "@nestjs/swagger";
import { toHex } from "@tallystick/protocol";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { ISSUER, type Issuer } from "../../foundation/keys/issuer.ts";
import { QueueViews } from "../../work/queue-views.ts";
import { Queues } from "../../work/queues.ts";
import { readinessAnswerSchema, domainAnswerSchema } from "./readiness-answers.ts";
import { Readiness, type ReadinessReport } from "./readiness.ts";

@ApiTags("service")
@Controller("v1")
export class ReadinessController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(QueueViews) private readonly views: QueueViews,
    @Inject(Queues) private readonly queues: Queues,
    @Inject(ISSUER) private readonly issuer: Issuer,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get("readiness")
  @ApiOperation({ summary: "Whether every part answers, and what is held up where one does not." })
  @ApiOkResponse({ standardSchema: readinessAnswerSchema })
  async ready(): Promise<ReadinessReport> {
    return this.readiness.report();
  }

  @Get("domain")
  @ApiOperation({ summary: "The vault this service settles for, its asset and the issuer's public keys." })
  @ApiOkResponse({ standardSchema: domainAnswerSchema })
  domain(): Record<string, unknown> {
    const { chainId, vault, token, asset } = this.config;
    return {
      chainId: Number(chainId),
      vault: toHex(vault),
      token: toHex(token),
      asset: { code: asset.code, decimals: asset.decimals, scale: asset.scale.toString() },
      issuerKeys: this.issuer.knownKeys.map(({ id, publicKey }) => ({ id, publicKey: toHex(publicKey) })),
    };
  }

  @Get("queues")
  @ApiOperation({ summary: "What waits: vouchers by state, chain actions by state, wake-up calls, anomalies." })
  async work(): Promise<Record<string, unknown>> {
    const [work, queues] = await Promise.all([this.views.summary(), this.queues.counts()]);
    return { ...work, queues };
  }
}
