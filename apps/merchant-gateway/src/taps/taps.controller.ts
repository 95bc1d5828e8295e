import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from "@nestjs/common";
import { ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import { MoneyError, parseAmount } from "@tallystick/money";
import type { z } from "zod";
import { GATEWAY, type Gateway } from "../gateway.ts";
import { Answers } from "../http/describe.ts";
import { Problem } from "../http/problem.ts";
import {
  type TapRequestBody,
  emptyRequestSchema,
  tapDetailSchema,
  tapListQuerySchema,
  tapListSchema,
  tapRequestSchema,
  tapResultSchema,
} from "../http/wire.ts";
import type { TapRecord } from "../journal/tap-record.ts";
import { MAX_LISTED_TAPS } from "../limits.ts";
import { TapError } from "./tap-error.ts";
import { viewOf } from "./tap-result.ts";
import { tapDetailToWire, tapResultToWire } from "./tap-wire.ts";

/** The part of Fastify's reply that tells whether the caller is still there. */
interface Reply {
  readonly raw: { readonly writableFinished: boolean; once(event: "close", listener: () => void): void };
}

/** Payments. */
@ApiTags("taps")
@Controller("v1/taps")
export class TapsController {
  constructor(@Inject(GATEWAY) private readonly gateway: Gateway) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: "Take one payment",
    description: "One at a time: a second request meanwhile is answered 409 TAP_IN_PROGRESS.",
  })
  @Answers(tapResultSchema, "What came of it: accepted, refused or unresolved")
  async take(
    @Body({ schema: tapRequestSchema }) body: TapRequestBody,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<z.output<typeof tapResultSchema>> {
    const { engine, policies, config } = this.gateway;
    const { domains, amount } = this.read(body);
    const gone = new AbortController();
    reply.raw.once("close", () => {
      // A till that hangs up while no card has come does not want the payment any more.
      if (!reply.raw.writableFinished) gone.abort();
    });
    const waitMs = (body.waitSeconds ?? config.cardWaitSeconds) * 1_000;
    const pin = body.pin === undefined ? null : Uint8Array.from(body.pin, Number);
    const result = await engine
      .tap({ saleId: body.saleId ?? null, amount, domains, pin, waitMs, signal: gone.signal })
      .finally(() => pin?.fill(0));
    this.gateway.afterTap();
    return tapResultToWire(result, policies);
  }

  @Get()
  @ApiOperation({ summary: "Taps, newest first", description: `At most ${MAX_LISTED_TAPS} in one answer.` })
  @ApiQuery({ name: "before", required: false, description: "Id of a tap: lists what is older than it" })
  @Answers(tapListSchema, "Taps with the state of their vouchers")
  list(
    @Query({ schema: tapListQuerySchema }) query: z.output<typeof tapListQuerySchema>,
  ): z.output<typeof tapListSchema> {
    const { taps } = this.gateway.journal;
    const { before = null } = query;
    if (before !== null && taps.byId(before) === null)
      throw new Problem("NOT_FOUND", "No tap has this id; leave `before` out to begin with the newest.");
    const listed = taps.recent(MAX_LISTED_TAPS + 1, before);
    const shown = listed.slice(0, MAX_LISTED_TAPS);
    return {
      taps: shown.filter((tap) => this.serves(tap)).map((tap) => this.detail(tap)),
      next: listed.length > shown.length ? (shown.at(-1)?.id ?? null) : null,
    };
  }

  @Get(":id")
  @ApiOperation({ summary: "One tap" })
  @Answers(tapDetailSchema, "The tap with the state of its voucher")
  one(@Param("id") id: string): z.output<typeof tapDetailSchema> {
    const tap = this.gateway.journal.taps.byId(id);
    if (tap === null || !this.serves(tap))
      throw new Problem("NOT_FOUND", "No tap has this id; the list of taps is at /v1/taps.");
    return this.detail(tap);
  }

  @Post(":id/cancel")
  @HttpCode(200)
  @ApiOperation({
    summary: "Cancel a payment",
    description:
      "An open one is never sent to its card again; a paid one goes back to the card, as long as settlement has not made it final.",
  })
  @Answers(tapDetailSchema, "The tap; the word that nothing was given travels with the next upload")
  cancel(
    @Param("id") id: string,
    @Body({ schema: emptyRequestSchema }) _body: z.output<typeof emptyRequestSchema>,
  ): z.output<typeof tapDetailSchema> {
    this.gateway.engine.cancel(id);
    this.gateway.afterTap();
    return this.one(id);
  }

  private serves(tap: TapRecord): boolean {
    return this.gateway.policies.of(tap.domainBytes) !== null;
  }

  private detail(tap: TapRecord): z.output<typeof tapDetailSchema> {
    const { journal, policies } = this.gateway;
    const voucher = tap.voucherId === null ? null : journal.vouchers.byId(tap.voucherId);
    return tapDetailToWire(viewOf(tap), { voucher, refunds: journal.refunds.ofTap(tap.id) }, policies);
  }

  private read(body: TapRequestBody) {
    const all = this.gateway.policies.all();
    const currency = body.currency ?? all[0]?.served.asset.code;
    const domains = all.filter(({ served }) => served.asset.code === currency);
    const asset = domains[0]?.served.asset;
    if (asset === undefined) {
      const taken = [...new Set(all.map(({ served }) => served.asset.code))].join(", ");
      throw new TapError("CURRENCY_NOT_SERVED", `This till takes ${taken}.`);
    }
    try {
      const amount = parseAmount(body.amount, asset);
      if (amount === 0n) throw new TapError("AMOUNT_REFUSED", "The amount must be above zero.");
      return { amount, domains: domains.filter(({ served }) => served.asset.decimals === asset.decimals) };
    } catch (error) {
      if (error instanceof MoneyError) throw new TapError("AMOUNT_REFUSED", error.message);
      throw error;
    }
  }
}
