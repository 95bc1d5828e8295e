import { formatAmount, createAsset } from "@tallystick/money";
import { amountText, hexText } from "@tallystick/protocol/wire";
import { z } from "zod";
import type { Policies } from "../../config/policies.ts";
import { MAX_CARD_WAIT_SECONDS } from "../../limits.ts";
import {
  MAX_METADATA_NAME_LENGTH,
  MAX_METADATA_VALUE_LENGTH,
  MAX_SALE_METADATA,
  MAX_SALE_TEXT_LENGTH,
} from "./limits.ts";
import type { SaleView } from "../../sales/sale-view.ts";
import { viewOf } from "../../taps/tap-result.ts";
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

/** Sales as JSON. */
export class SaleWire {
  private readonly policies: Policies;

  constructor(policies: Policies) {
    this.policies = policies;
  }

  of({ sale, state, code, message, lane, tap }: SaleView): z.output<typeof saleSchema> {
    const { id, currency, decimals, cashier, reference, metadata, createdAt } = sale;
    // A domain that is not served any more: the sale still says what it was.
    const isServed = tap !== null && this.policies.of(tap.domainBytes) !== null;
    const shown = isServed ? tapToWire(viewOf(tap), this.policies) : null;
    return {
      ...{ id, state, code, message },
      amount: formatAmount(sale.amount, createAsset({ code: currency, decimals, scale: 1n })),
      ...{ currency, cashier, reference, metadata, lane },
      time: createdAt,
      paidAt: tap?.state === "accepted" ? (tap.intent?.requestTime ?? tap.createdAt) : null,
      card: shown?.card ?? null,
      tap: shown,
    };
  }
}
