import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from "@nestjs/common";
import { ApiOperation, ApiQuery, ApiTags } from "@nestjs/swagger";
import type { z } from "zod";
import { ApiProblems } from "./api-problems.ts";
import { type DomainPolicy, Policies } from "../config/policies.ts";
import { Access } from "../doors/access.ts";
import type { Caller } from "../doors/caller.ts";
import { JournalMaintenance } from "../journal/maintenance.ts";
import { MAX_LISTED_TAPS } from "../limits.ts";
import { TapStore } from "../journal/payments/tap-store.ts";
import { TapEngine } from "../taps/tap-engine.ts";
import { TapError } from "../taps/tap-error.ts";
import { readAmount } from "./amount.ts";
import { Answers } from "./describe.ts";
import { Asking } from "./doors/asking.ts";
import { Idempotent } from "./idempotency/idempotent.ts";
import { IDEMPOTENCY_HEADER, keyOf, saleIdOfKey } from "./idempotency/idempotent-calls.ts";
import { TapHistory } from "./tap-history.ts";
import { tapResultToWire } from "./tap-wire.ts";
import {
  type TapRequestBody,
  emptyRequestSchema,
  tapDetailSchema,
  tapListQuerySchema,
  tapListSchema,
  tapRequestSchema,
  tapResultSchema,
} from "./wire.ts";

/** The part of Fastify's reply that shows whether the caller is still there. */
interface Reply {
  readonly raw: { readonly writableFinished: boolean; once(event: "close", listener: () => void): void };
}

interface Request {
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Payments. */
@ApiTags("taps")
@Controller("v1/taps")
export class TapsController {
  constructor(
    @Inject(TapEngine) private readonly engine: TapEngine,
    @Inject(TapStore) private readonly taps: TapStore,
    @Inject(TapHistory) private readonly history: TapHistory,
    @Inject(Policies) private readonly policies: Policies,
    @Inject(Access) private readonly access: Access,
    @Inject(JournalMaintenance) private readonly maintenance: JournalMaintenance,
  ) {}

  @Post()
  @HttpCode(200)
  @Idempotent()
  @ApiProblems("AMOUNT_REFUSED", "CURRENCY_NOT_SERVED", "LANE_UNKNOWN", "TAP_IN_PROGRESS", "SALE_AMOUNT_DIFFERS")
  @ApiOperation({
    operationId: "takePayment",
    summary: "Take one payment",
    description: "One at a time at each lane: a second request meanwhile is answered 409 TAP_IN_PROGRESS.",
  })
  @Answers(tapResultSchema, "What came of it: accepted, refused or unresolved")
  async take(
    @Body({ schema: tapRequestSchema }) body: TapRequestBody,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: Reply,
    @Asking() caller: Caller | null,
  ): Promise<z.output<typeof tapResultSchema>> {
    this.access.assertMay(caller, "sell");
    const { domains, amount } = this.read(body);
    const gone = new AbortController();
    reply.raw.once("close", () => {
      // A terminal that hangs up while no card has come does not want the payment any more.
      if (!reply.raw.writableFinished) gone.abort();
    });
    const waitMs = body.waitSeconds === undefined ? null : body.waitSeconds * 1_000;
    const pin = body.pin === undefined ? null : Uint8Array.from(body.pin, Number);
    const saleId =
      body.saleId ?? this.saleIdFor(keyOf(request.headers[IDEMPOTENCY_HEADER]), amount, body.lane ?? this.engine.first);
    const result = await this.engine
      .tap({ saleId, amount, domains, pin, waitMs, signal: gone.signal, ...laneOf(body) })
      .finally(() => pin?.fill(0));
    this.maintenance.soon();
    return tapResultToWire(result, this.policies);
  }

  @Get()
  @ApiProblems("MALFORMED_REQUEST", "NOT_FOUND")
  @ApiOperation({
    operationId: "listPayments",
    summary: "Taps, newest first",
    description: `At most ${MAX_LISTED_TAPS} in one answer.`,
  })
  @ApiQuery({ name: "before", required: false, description: "Id of a tap: lists what is older" })
  @Answers(tapListSchema, "Taps with the state of their vouchers")
  list(
    @Query({ schema: tapListQuerySchema }) query: z.output<typeof tapListQuerySchema>,
  ): z.output<typeof tapListSchema> {
    return this.history.page(query.before ?? null);
  }

  @Get(":id")
  @ApiProblems("NOT_FOUND")
  @ApiOperation({ operationId: "showPayment", summary: "One tap" })
  @Answers(tapDetailSchema, "The tap with the state of its voucher")
  one(@Param("id") id: string): z.output<typeof tapDetailSchema> {
    return this.history.one(id);
  }

  @Post(":id/cancel")
  @HttpCode(200)
  @Idempotent()
  @ApiProblems("TAP_UNKNOWN", "TAP_IN_PROGRESS", "TAP_NOT_OPEN", "TAP_FINAL", "NOT_FOUND")
  @ApiOperation({
    operationId: "reversePayment",
    summary: "Reverse a payment",
    description:
      "An open one is never sent to its card again; a paid one goes back to the card, as long as neither the chain nor settlement shows its end.",
  })
  @Answers(tapDetailSchema, "The tap; its reversal travels with the next upload")
  reverse(
    @Param("id") id: string,
    @Body({ schema: emptyRequestSchema }) _body: z.output<typeof emptyRequestSchema>,
    @Asking() caller: Caller | null,
  ): z.output<typeof tapDetailSchema> {
    if (this.history.isPaid(id)) this.access.begin(caller, "reversal", id);
    else this.access.assertMay(caller, "sell");
    this.engine.reverse(id);
    this.maintenance.soon();
    return this.history.one(id);
  }

  /** The sale that a caller's key names; null continues an open sale of this amount at the lane, or begins one. */
  private saleIdFor(key: string | null, amount: bigint, lane: string): string | null {
    if (key === null) return null;
    const saleId = saleIdOfKey(key);
    const open = this.taps.openSale(lane);
    return open !== null && open.saleId !== saleId && open.amount === amount ? null : saleId;
  }

  private read(body: TapRequestBody): { readonly amount: bigint; readonly domains: readonly DomainPolicy[] } {
    const all = this.policies.all();
    const currency = body.currency ?? all[0]?.served.asset.code;
    const domains = all.filter(({ served }) => served.asset.code === currency);
    const asset = domains[0]?.served.asset;
    if (asset === undefined) {
      const taken = [...new Set(all.map(({ served }) => served.asset.code))].join(", ");
      throw new TapError("CURRENCY_NOT_SERVED", `This terminal takes ${taken}.`);
    }
    const amount = readAmount(body.amount, asset);
    return { amount, domains: domains.filter(({ served }) => served.asset.decimals === asset.decimals) };
  }
}

function laneOf({ lane }: TapRequestBody): { readonly lane?: string } {
  return lane === undefined ? {} : { lane };
}
