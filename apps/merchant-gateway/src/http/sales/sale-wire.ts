import { type Asset, createAsset, formatAmount } from "@tallystick/money";
import { decodeSelectAnswer } from "@tallystick/protocol";
import { amountText, hexText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { changeOf } from "../../journal/payments/allowance-change.ts";
import type { TapRecord } from "../../journal/payments/tap-record.ts";
import { MAX_CARD_WAIT_SECONDS } from "../../limits.ts";
import {
  MAX_METADATA_NAME_LENGTH,
  MAX_METADATA_VALUE_LENGTH,
  MAX_SALE_METADATA,
  MAX_SALE_TEXT_LENGTH,
} from "./limits.ts";
import type { SaleState, SaleView } from "../../sales/sale-view.ts";
import { type TapView, viewOf } from "../../taps/tap-result.ts";
import { leftToGiveBack, mayBeDone, type PaymentAction } from "../payments/may-be-done.ts";
import type { TapHistoryParts } from "../tap-history.ts";
import { tapToWire } from "../tap-wire.ts";
import { laneText, pinText, tapSchema } from "../wire.ts";

const saleText = z.string().min(1).max(MAX_SALE_TEXT_LENGTH);

const attemptFields = {
  pin: pinText.optional(),
  waitSeconds: z.number().min(0).max(MAX_CARD_WAIT_SECONDS).optional().meta({
    description: "How long to wait for a card",
  }),
  lane: laneText.optional(),
  again: z.boolean().optional().meta({
    description: "Takes the amount from a card that paid the same within the last two minutes",
  }),
};

/** PUT /v1/sales/:id. */
export const saleRequestSchema = z.strictObject({
  amount: amountText.meta({ description: "Amount in the currency shown to people", example: "2.50" }),
  currency: z.string().min(1).max(12).optional().meta({ description: "Asset code; the first domain's when left out" }),
  cashier: saleText.optional().meta({ description: "Who sells" }),
  reference: saleText.optional().meta({ description: "The merchant's own number of the sale" }),
  metadata: z
    .record(z.string().min(1).max(MAX_METADATA_NAME_LENGTH), z.string().max(MAX_METADATA_VALUE_LENGTH))
    .refine((metadata) => Object.keys(metadata).length <= MAX_SALE_METADATA, `at most ${MAX_SALE_METADATA} entries`)
    .optional()
    .meta({ description: "Kept with the sale and answered with it" }),
  ...attemptFields,
});

export type SaleRequestBody = z.output<typeof saleRequestSchema>;

/** POST /v1/sales/:id/attempts. */
export const saleAttemptSchema = z.strictObject(attemptFields);

/** One sale. */
export const saleSchema = z.object({
  id: z.string(),
  state: z
    .enum(["waiting", "card-left", "card-seen", "paying", "paid", "refused", "unresolved", "reversed"])
    .meta({ description: "Where it stands; the first four while a card is awaited" }),
  code: z.string().nullable().meta({ description: "Stable code; null where nothing is wrong" }),
  message: z.string().meta({ description: "One message for the cashier: what happened and what to do" }),
  amount: z.string(),
  currency: z.string(),
  cashier: z.string().nullable(),
  reference: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  lane: z.string().meta({ description: "Where its card is awaited, or was last" }),
  time: z.int().meta({ description: "Seconds since 1970: when it was asked for" }),
  paidAt: z
    .int()
    .nullable()
    .meta({ description: "Seconds since 1970: the time of its payment; null where there is none" }),
  card: hexText(20).nullable(),
  cardLeft: z
    .string()
    .nullable()
    .meta({ description: "What the card may still spend after its payment; null where none was made" }),
  holding: z
    .boolean()
    .meta({ description: "The card is still in use after its payment was told: it is to stay there" }),
  may: z
    .array(z.enum(["cancel", "attempt", "reverse", "refund"]))
    .meta({ description: "What may be done with the sale now" }),
  refundable: z
    .string()
    .nullable()
    .meta({ description: "What is left to give back; null where nothing may be refunded" }),
  tap: tapSchema
    .nullable()
    .meta({ description: "The tap that paid it, else the newest; null where no card was asked" }),
});

/** The answer to PUT /v1/sales/:id. */
export const putSaleSchema = saleSchema.extend({
  created: z.boolean().meta({ description: "This call began it; false where it was known and nothing began" }),
});

/** GET /v1/sales. */
export const saleListQuerySchema = z.strictObject({
  from: z.coerce.number().int().min(0).optional().meta({ description: "Seconds since 1970: not before" }),
  to: z.coerce.number().int().min(0).optional().meta({ description: "Seconds since 1970: before" }),
  cashier: saleText.optional(),
  lane: laneText.optional().meta({ description: "The lane that tried it last" }),
  cursor: z.string().min(1).max(64).optional().meta({ description: "What the page before named as `next`" }),
});

export const saleListSchema = z.object({
  sales: z.array(saleSchema),
  next: z.string().nullable().meta({ description: "What to ask for as `cursor` to go on; null at the end" }),
});

type SaleAction = z.output<typeof saleSchema>["may"][number];

/** Sales as JSON, with what may be done with each: no caller needs a rule about money. */
export class SaleWire {
  private readonly parts: Omit<TapHistoryParts, "taps">;

  constructor(parts: Omit<TapHistoryParts, "taps">) {
    this.parts = parts;
  }

  of({ sale, state, code, message, lane, tap, holding }: SaleView): z.output<typeof saleSchema> {
    const { policies } = this.parts;
    const { id, currency, decimals, cashier, reference, metadata, createdAt } = sale;
    // A domain that is not served any more: the sale still says what it was.
    const served = tap !== null && policies.of(tap.domainBytes) !== null ? tap : null;
    const shown = served === null ? null : tapToWire(this.viewOf(served), policies);
    const asset = createAsset({ code: currency, decimals, scale: 1n });
    const given = served === null ? null : this.givenBack(served);
    return {
      ...{ id, state, code, message },
      amount: formatAmount(sale.amount, asset),
      ...{ currency, cashier, reference, metadata, lane },
      time: createdAt,
      paidAt: tap?.state === "accepted" ? (tap.intent?.requestTime ?? tap.createdAt) : null,
      card: shown?.card ?? null,
      cardLeft: leftOnCard(served, asset),
      holding,
      ...this.actionsOf(state, given),
      refundable: state === "paid" && given?.may.includes("refund") === true ? formatAmount(given.left, asset) : null,
      tap: shown,
    };
  }

  private viewOf(tap: TapRecord): TapView {
    const update = this.parts.allowanceUpdates.ofTap(tap.id);
    return viewOf(tap, update === null ? null : changeOf(update));
  }

  private givenBack(tap: TapRecord): { readonly may: readonly PaymentAction[]; readonly left: bigint } {
    const { vouchers, refunds, givesBack } = this.parts;
    const voucher = tap.voucherId === null ? null : vouchers.byId(tap.voucherId);
    const payment = { ...viewOf(tap), voucher, refunds: refunds.ofTap(tap.id) };
    return { may: mayBeDone(payment, givesBack()), left: leftToGiveBack(payment) };
  }

  private actionsOf(
    state: SaleState,
    given: { readonly may: readonly PaymentAction[] } | null,
  ): { readonly may: SaleAction[] } {
    switch (state) {
      case "waiting":
      case "card-left":
      case "card-seen":
      case "paying":
        return { may: ["cancel"] };
      case "refused":
        return { may: ["attempt"] };
      case "unresolved":
        return { may: ["attempt", ...(given?.may ?? [])] };
      case "paid":
        return { may: [...(given?.may ?? [])] };
      case "reversed":
        return { may: [] };
    }
  }
}

/** By the allowance that the card showed when it paid; what it spends elsewhere from then on, nobody here knows. */
function leftOnCard(tap: TapRecord | null, asset: Asset): string | null {
  if (tap?.state !== "accepted" || tap.intent === null || tap.spentAfter === null) return null;
  const { maxSpent } = decodeSelectAnswer(tap.intent.selectAnswer).allowanceBody;
  return maxSpent < tap.spentAfter ? null : formatAmount(maxSpent - tap.spentAfter, asset);
}
