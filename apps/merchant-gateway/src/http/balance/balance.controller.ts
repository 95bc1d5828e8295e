import { Body, Controller, Get, HttpCode, Inject, Post, Query, Res } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import type { z } from "zod";
import { type GatewayConfig, GATEWAY_CONFIG } from "../../config/gateway-config.ts";
import { Access } from "../../doors/access.ts";
import type { Caller } from "../../doors/caller.ts";
import { TapEngine } from "../../taps/tap-engine.ts";
import { tapMessage } from "../../taps/tap-result.ts";
import { ApiProblems } from "../api-problems.ts";
import { Answers } from "../describe.ts";
import { Asking } from "../doors/asking.ts";
import { balanceQuerySchema, balanceRequestSchema, balanceSchema, balanceToWire } from "./balance-wire.ts";

type BalanceBody = z.output<typeof balanceSchema>;

/** The part of Fastify's reply that shows whether the caller is still there. */
interface Reply {
  readonly raw: { readonly writableFinished: boolean; once(event: "close", listener: () => void): void };
}

interface Wanted {
  readonly lane?: string | undefined;
  readonly waitSeconds?: number | undefined;
  readonly pin?: Uint8Array | null;
}

/** What is left on a card. */
@ApiTags("balance")
@Controller("v1/balance")
export class BalanceController {
  constructor(
    @Inject(TapEngine) private readonly engine: TapEngine,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, "payee">,
    @Inject(Access) private readonly access: Access,
  ) {}

  @Get()
  @ApiProblems("MALFORMED_REQUEST", "LANE_UNKNOWN", "TAP_IN_PROGRESS")
  @ApiOperation({
    operationId: "showBalance",
    summary: "What is left on the card",
    description: "By SELECT alone: no payment is begun, and no network is needed. Hanging up ends the wait for a card.",
  })
  @Answers(balanceSchema, "What the card shows, in each currency that is served here")
  async show(
    @Query({ schema: balanceQuerySchema }) query: z.output<typeof balanceQuerySchema>,
    @Res({ passthrough: true }) reply: Reply,
    @Asking() caller: Caller | null,
  ): Promise<BalanceBody> {
    this.access.assertMay(caller, "sell");
    return await this.read(query, reply);
  }

  @Post()
  @HttpCode(200)
  @ApiProblems("LANE_UNKNOWN", "TAP_IN_PROGRESS")
  @ApiOperation({
    operationId: "showPayments",
    summary: "What is left on the card, and its last payments",
    description: "The cardholder's PIN opens the card's own record of its last 16 payments, wherever they were made.",
  })
  @Answers(balanceSchema, "What the card shows")
  async withPayments(
    @Body({ schema: balanceRequestSchema }) { pin: text, ...wanted }: z.output<typeof balanceRequestSchema>,
    @Res({ passthrough: true }) reply: Reply,
    @Asking() caller: Caller | null,
  ): Promise<BalanceBody> {
    this.access.assertMay(caller, "sell");
    const pin = Uint8Array.from(text, Number);
    return await this.read({ ...wanted, pin }, reply).finally(() => pin.fill(0));
  }

  private async read({ lane, waitSeconds, pin = null }: Wanted, { raw }: Reply): Promise<BalanceBody> {
    const gone = new AbortController();
    raw.once("close", () => {
      if (!raw.writableFinished) gone.abort();
    });
    const waitMs = waitSeconds === undefined ? null : waitSeconds * 1_000;
    const at = lane === undefined ? {} : { lane };
    const reading = await this.engine.balances({ waitMs, pin, signal: gone.signal, ...at });
    if (!reading.ok) {
      const { code } = reading;
      return { code, message: tapMessage(code), sw: "sw" in reading ? reading.sw : null, balances: [] };
    }
    const balances = reading.balances.map((balance) => balanceToWire(balance, this.config.payee));
    return { code: null, message: null, sw: null, balances };
  }
}
