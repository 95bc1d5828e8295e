import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import type { z } from "zod";
import { Policies } from "../../config/policies.ts";
import { Access } from "../../doors/access.ts";
import type { Caller } from "../../doors/caller.ts";
import { JournalMaintenance } from "../../journal/maintenance.ts";
import type { SaleTerms } from "../../journal/sales/sale-store.ts";
import { MAX_LISTED_TAPS } from "../../limits.ts";
import { LaneReaders } from "../../reader/lane-readers.ts";
import { type SaleAttempt, Sales } from "../../sales/sales.ts";
import { TapError } from "../../taps/tap-error.ts";
import { readAmount } from "../amount.ts";
import { ApiProblems } from "../api-problems.ts";
import { Answers } from "../describe.ts";
import { Asking } from "../doors/asking.ts";
import { Idempotent } from "../idempotency/idempotent.ts";
import { REFUND_PROBLEMS, RefundCalls } from "../refunds/refund-calls.ts";
import {
  putSaleSchema,
  saleAttemptSchema,
  saleListQuerySchema,
  saleListSchema,
  type SaleRequestBody,
  saleRequestSchema,
  saleSchema,
  SaleWire,
} from "./sale-wire.ts";
import { emptyRequestSchema, refundRequestSchema, refundSchema, saleIdSchema } from "../wire.ts";

type SaleBody = z.output<typeof saleSchema>;

/** Sales: asked for once, paid at most once, read at any time. */
@ApiTags("sales")
@Controller("v1/sales")
export class SalesController {
  constructor(
    @Inject(Sales) private readonly sales: Sales,
    @Inject(SaleWire) private readonly wire: SaleWire,
    @Inject(RefundCalls) private readonly refunds: RefundCalls,
    @Inject(Policies) private readonly policies: Policies,
    @Inject(LaneReaders) private readonly lanes: LaneReaders,
    @Inject(Access) private readonly access: Access,
    @Inject(JournalMaintenance) private readonly maintenance: JournalMaintenance,
  ) {}

  @Get()
  @ApiProblems("MALFORMED_REQUEST", "SALE_UNKNOWN")
  @ApiOperation({
    operationId: "listSales",
    summary: "Sales, newest first",
    description: `At most ${MAX_LISTED_TAPS} in one answer.`,
  })
  @Answers(saleListSchema, "Sales with their states")
  list(
    @Query({ schema: saleListQuerySchema }) query: z.output<typeof saleListQuerySchema>,
  ): z.output<typeof saleListSchema> {
    const { from = null, to = null, cashier = null, lane = null, cursor = null } = query;
    const listed = this.sales.page({ from, to, cashier, lane, before: cursor, limit: MAX_LISTED_TAPS + 1 });
    const shown = listed.slice(0, MAX_LISTED_TAPS);
    const next = listed.length > shown.length ? (shown.at(-1)?.sale.id ?? null) : null;
    return { sales: shown.map((view) => this.wire.of(view)), next };
  }

  @Put(":id")
  @ApiProblems("AMOUNT_REFUSED", "CURRENCY_NOT_SERVED", "LANE_UNKNOWN", "TAP_IN_PROGRESS", "SALE_DIFFERS")
  @ApiOperation({
    operationId: "putSale",
    summary: "Ask for a sale, or read it",
    description:
      "A new id begins to wait for a card and is answered at once. A known one is read and nothing begins: the same id never charges twice.",
  })
  @Answers(putSaleSchema, "The sale, and whether it began with this call")
  put(
    @Param("id", { schema: saleIdSchema }) id: string,
    @Body({ schema: saleRequestSchema }) body: SaleRequestBody,
    @Asking() caller: Caller | null,
  ): z.output<typeof putSaleSchema> {
    const person = this.access.assertMay(caller, "sell");
    const { created, view } = this.sales.put(this.termsOf(id, body, person?.name ?? null), attemptOf(body));
    this.tidyAfterwards(view.lane);
    return { ...this.wire.of(view), created };
  }

  @Get(":id")
  @ApiProblems("SALE_UNKNOWN")
  @ApiOperation({ operationId: "showSale", summary: "One sale", description: "Reading never charges." })
  @Answers(saleSchema, "The sale as it is")
  one(@Param("id") id: string): SaleBody {
    return this.wire.of(this.sales.view(id));
  }

  @Post(":id/attempts")
  @HttpCode(200)
  @Idempotent()
  @ApiProblems("SALE_UNKNOWN", "SALE_PAID", "SALE_REVERSED", "TAP_IN_PROGRESS", "CURRENCY_NOT_SERVED", "LANE_UNKNOWN")
  @ApiOperation({
    operationId: "attemptSale",
    summary: "Try once more",
    description:
      "With a PIN, with another card, at another lane, or with the same card after a torn tap. Answered at once.",
  })
  @Answers(saleSchema, "The sale, and a card is awaited")
  attempt(
    @Param("id") id: string,
    @Body({ schema: saleAttemptSchema }) body: z.output<typeof saleAttemptSchema>,
    @Asking() caller: Caller | null,
  ): SaleBody {
    this.access.assertMay(caller, "sell");
    const view = this.sales.attempt(id, attemptOf(body));
    this.tidyAfterwards(view.lane);
    return this.wire.of(view);
  }

  @Post(":id/cancel")
  @HttpCode(200)
  @Idempotent()
  @ApiProblems("SALE_UNKNOWN")
  @ApiOperation({
    operationId: "cancelSale",
    summary: "Stop waiting for a card",
    description: "Answers what the sale has come to: a stop that comes too late finds it paid.",
  })
  @Answers(saleSchema, "The sale as it is; no card is awaited for it")
  async cancel(
    @Param("id") id: string,
    @Body({ schema: emptyRequestSchema }) _body: z.output<typeof emptyRequestSchema>,
    @Asking() caller: Caller | null,
  ): Promise<SaleBody> {
    this.access.assertMay(caller, "sell");
    return this.wire.of(await this.sales.cancel(id));
  }

  @Post(":id/reversal")
  @HttpCode(200)
  @Idempotent()
  @ApiProblems("SALE_UNKNOWN", "SALE_IN_PROGRESS", "SALE_NOT_PAID", "TAP_IN_PROGRESS", "TAP_NOT_OPEN", "TAP_FINAL")
  @ApiOperation({
    operationId: "reverseSale",
    summary: "Reverse a sale",
    description:
      "An open one is never sent to its card again; a paid one goes back to the card, as long as neither the chain nor settlement shows its end.",
  })
  @Answers(saleSchema, "The sale; its reversal travels with the next upload")
  reverse(
    @Param("id") id: string,
    @Body({ schema: emptyRequestSchema }) _body: z.output<typeof emptyRequestSchema>,
    @Asking() caller: Caller | null,
  ): SaleBody {
    if (this.sales.view(id).state === "paid") this.access.begin(caller, "reversal", id);
    else this.access.assertMay(caller, "sell");
    const view = this.sales.reverse(id);
    this.maintenance.soon();
    return this.wire.of(view);
  }

  @Post(":id/refunds")
  @HttpCode(200)
  @Idempotent()
  @ApiProblems("SALE_UNKNOWN", "SALE_NOT_PAID", "TAP_UNKNOWN", ...REFUND_PROBLEMS)
  @ApiOperation({
    operationId: "refundSale",
    summary: "Give a sale back, whole or in part",
    description:
      "Like a tap's refund: by reversal, release or refund. A refundId gives back once, and is read after that.",
  })
  @Answers(refundSchema, "Where the refund is")
  async refund(
    @Param("id") id: string,
    @Body({ schema: refundRequestSchema }) body: z.output<typeof refundRequestSchema>,
    @Asking() caller: Caller | null,
  ): Promise<z.output<typeof refundSchema>> {
    return await this.refunds.give(this.sales.tapOf({ id }).id, body, { caller, subject: id });
  }

  /** The journal is tidied when the card is let go: in the middle of an attempt the customer would wait for the disk. */
  private tidyAfterwards(lane: string): void {
    void this.sales.letGo(lane).then(() => {
      this.maintenance.soon();
    });
  }

  private termsOf(
    id: string,
    { amount, currency, cashier, reference, metadata, lane }: SaleRequestBody,
    person: string | null,
  ): SaleTerms {
    const all = this.policies.all().map(({ served }) => served.asset);
    const code = currency ?? all[0]?.code;
    const asset = all.find((served) => served.code === code);
    if (asset === undefined)
      throw new TapError(
        "CURRENCY_NOT_SERVED",
        `This terminal takes ${[...new Set(all.map((each) => each.code))].join(", ")}.`,
      );
    return {
      ...{ id, currency: asset.code, decimals: asset.decimals, amount: readAmount(amount, asset) },
      ...{ cashier: cashier ?? person, reference: reference ?? null, metadata: metadata ?? {} },
      lane: lane ?? this.lanes.all[0]?.name ?? "",
    };
  }
}

function attemptOf({ pin, waitSeconds, again, lane }: z.output<typeof saleAttemptSchema>): SaleAttempt {
  return {
    pin: pin === undefined ? null : Uint8Array.from(pin, Number),
    waitMs: waitSeconds === undefined ? null : waitSeconds * 1_000,
    again: again === true,
    ...(lane === undefined ? {} : { lane }),
  };
}
