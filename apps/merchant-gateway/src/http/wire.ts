import { PIN_MAX_DIGITS, PIN_MIN_DIGITS } from "@tallystick/protocol";
import { amountText, hexText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { MAX_LANE_NAME_LENGTH } from "../config/limits.ts";
import { MAX_CARD_WAIT_SECONDS, MAX_REFUND_ID_LENGTH, MAX_SALE_ID_LENGTH } from "../limits.ts";
import { currencySchema } from "./currencies/currency-wire.ts";
import { PAYMENT_PLACES } from "./payments/where-it-is.ts";

/** Id of a sale. */
export const saleIdSchema = z
  .string()
  .regex(
    new RegExp(`^[A-Za-z0-9._-]{1,${MAX_SALE_ID_LENGTH}}$`),
    `must be 1 to ${MAX_SALE_ID_LENGTH} letters, digits, points, dashes or underscores`,
  );

/** Name of a lane. */
export const laneText = z
  .string()
  .min(1)
  .max(MAX_LANE_NAME_LENGTH)
  .meta({ description: "Name of a lane of this terminal; the first one when left out" });

/** The cardholder's PIN. */
export const pinText = z
  .string()
  .regex(
    new RegExp(`^[0-9]{${PIN_MIN_DIGITS},${PIN_MAX_DIGITS}}$`),
    `must be ${PIN_MIN_DIGITS} to ${PIN_MAX_DIGITS} digits`,
  )
  .meta({
    description:
      "The cardholder's PIN, entered at the terminal; sent only to a card that requires it, never kept or logged",
  });

/** POST /v1/taps. */
export const tapRequestSchema = z.strictObject({
  amount: amountText.meta({ description: "Amount in the currency shown to people", example: "2.50" }),
  saleId: saleIdSchema
    .optional()
    .meta({ description: "Chosen by the caller; a sale is never paid twice under one id" }),
  currency: z.string().min(1).max(12).optional().meta({ description: "Asset code; the first domain's when left out" }),
  pin: pinText.optional(),
  lane: laneText.optional(),
  waitSeconds: z
    .number()
    .min(0)
    .max(MAX_CARD_WAIT_SECONDS)
    .optional()
    .meta({ description: "How long to wait for a card" }),
});

export type TapRequestBody = z.output<typeof tapRequestSchema>;

const outcome = z.enum(["accepted", "refused", "unresolved"]);
const amountOrNull = z.string().nullable();

/** One tap. */
export const tapSchema = z.object({
  id: z.string(),
  saleId: z.string(),
  outcome,
  code: z.string().nullable().meta({ description: "Stable code; null when accepted" }),
  message: z.string().meta({ description: "One message for the cashier: what happened and what to do" }),
  amount: z.string(),
  currency: z.string(),
  voucherId: hexText(32).nullable(),
  counter: z.int().nullable(),
  card: hexText(20).nullable(),
  sw: z.string().nullable().meta({ description: "Status word of the last command that decided" }),
  apdus: z.int(),
  spentBefore: amountOrNull,
  spentAfter: amountOrNull,
  left: amountOrNull.meta({ description: "What the card can still spend, as it showed; null where it was not asked" }),
  payable: amountOrNull.meta({
    description: "After a refusal: the most that this card can pay here at once; null where that is nothing or unknown",
  }),
  time: z.int().meta({ description: "Seconds since 1970" }),
  saleOpen: z.boolean().meta({ description: "The same card may be held to the reader again for this sale" }),
  update: z
    .object({
      added: z.string().meta({ description: "By how much the card can spend more", example: "20.00" }),
      lowered: z.boolean().meta({ description: "A limit of the card is lower now" }),
      suspended: z.boolean().meta({ description: "The card refuses to pay now" }),
      message: z.string().meta({ description: "The same in words, for cashier and customer" }),
    })
    .nullable()
    .meta({ description: "What a newer allowance changed that the card was given at this tap" }),
});

/** The answer to POST /v1/taps. */
export const tapResultSchema = tapSchema.extend({
  resolved: z.array(tapSchema).meta({ description: "Earlier taps of this card that were resolved on the way" }),
});

/** POST /v1/taps/:id/refund. */
export const refundRequestSchema = z.strictObject({
  refundId: z
    .string()
    .regex(
      new RegExp(`^[A-Za-z0-9._-]{1,${MAX_REFUND_ID_LENGTH}}$`),
      `must be 1 to ${MAX_REFUND_ID_LENGTH} letters, digits, points, dashes or underscores`,
    )
    .meta({ description: "Chosen by the caller; nothing is given back twice under one id" }),
  amount: amountText
    .optional()
    .meta({ description: "What to give back; all that is left when left out", example: "1.00" }),
});

/** Money on its way back to a card. */
export const refundSchema = z.object({
  refundId: z.string(),
  tapId: z.string(),
  state: z.enum(["reversed", "releasing", "refunding", "refunded", "refused"]),
  amount: z.string(),
  currency: z.string(),
  card: hexText(20).nullable(),
  voucherId: hexText(32).nullable(),
  tx: z.string().nullable().meta({ description: "The transaction that gives it back, once it is signed" }),
  block: z.int().nullable().meta({ description: "The block in which it stands" }),
  code: z.string().nullable().meta({ description: "What it waits for, or why it was refused" }),
  message: z.string().meta({ description: "One message for people" }),
  queued: z.boolean().meta({ description: "Nothing of it has left this terminal: it goes with the next exchange" }),
  receipt: z.string().meta({ description: "What the customer's receipt says of it" }),
  time: z.int(),
});

/** GET /v1/taps/:id: the tap, and where its voucher is. */
export const tapDetailSchema = tapSchema.extend({
  voucher: z
    .object({
      reversed: z.boolean().meta({ description: "The terminal gave nothing for it; its value goes back to the card" }),
      delivery: z.enum(["unsent", "packed", "taken", "disputed", "final"]),
      result: z.string().nullable(),
      resultCode: z.string().nullable(),
      state: z.string().nullable().meta({ description: "Where settlement says that it is" }),
      reported: z.enum(["final", "reversed"]).nullable().meta({
        description: "What settlement says of its end; null where it names none, or nothing authenticates it",
      }),
      batch: z.string().nullable(),
      tx: z.string().nullable().meta({ description: "The transaction that settlement names" }),
      claimTx: z.string().nullable().meta({ description: "The transaction of this terminal's own claim" }),
      outcome: z
        .enum(["paid", "released", "compensated"])
        .nullable()
        .meta({ description: "Its end, as a final block shows it; null until then" }),
      outcomeTx: z.string().nullable().meta({ description: "The transaction that shows its end" }),
      outcomeBlock: z.int().nullable().meta({ description: "The final block in which that stands" }),
    })
    .nullable(),
  refunds: z.array(refundSchema).meta({ description: "What was given back, or is on its way" }),
  place: z.enum(PAYMENT_PLACES).meta({ description: "Where the payment is, for a cashier" }),
  may: z.array(z.enum(["reverse", "refund"])).meta({ description: "What may be done with it now" }),
  refundable: amountOrNull.meta({ description: "What is left to give back; null where nothing may be refunded" }),
});

/** GET /v1/taps. */
export const tapListQuerySchema = z.strictObject({
  before: z.string().min(1).max(64).optional().meta({ description: "Id of a tap: lists what is older" }),
});

export const tapListSchema = z.object({
  taps: z.array(tapDetailSchema),
  next: z.string().nullable().meta({ description: "What to ask for as `before` to go on; null at the end" }),
});

const noteSchema = z.object({
  code: z.string(),
  message: z.string(),
  since: z.int().meta({ description: "Seconds: since when it is so, as somebody asked" }),
});

const kbps = z.union([z.literal(106), z.literal(212), z.literal(424), z.literal(848)]).nullable();

/** At what rate a reader and the cards on it speak. */
const readerRateSchema = z.object({
  state: z.enum(["untold", "unasked", "told", "refused"]),
  kbps: kbps.meta({ description: "With the last card, of the slower direction; null where the reader does not tell" }),
  mostKbps: kbps.meta({ description: "The most that the reader offers to cards" }),
  slowerByMs: z
    .int()
    .nullable()
    .meta({ description: "How much longer a tap takes than at 424 kbit/s, by the model, where the card is met first" }),
});

/** A lane's reader as it is seen now. */
export const readerSchema = z.object({
  name: z.string(),
  state: z.enum(["ready", "card", "busy", "mute", "unusable"]),
  code: z.string().nullable(),
  message: z.string().nullable(),
  rate: readerRateSchema,
});

/** GET /v1/readiness. */
export const readinessSchema = z.object({
  ready: z.boolean(),
  reasons: z.array(noteSchema),
  warnings: z.array(noteSchema),
  currency: z.string(),
  clock: z.object({
    now: z.int(),
    floor: z.int(),
    confirmed: z.boolean().meta({ description: "Whether the terminal sells by this clock" }),
    confirmedBy: z.enum(["battery", "network", "settlement"]).nullable(),
    rightTime: z.int().nullable().meta({ description: "By settlement's signed answer; null before the first one" }),
  }),
  statusList: z.object({ seq: z.int(), asOf: z.int(), ageSeconds: z.int() }).nullable(),
  unsent: z.object({ count: z.int(), sum: z.string(), oldestSeconds: z.int().nullable() }),
  limits: z.object({ perTap: amountOrNull, unsentSum: amountOrNull, unsentCount: z.int().nullable() }),
  reader: readerSchema.meta({ description: "The first lane's" }),
  openSale: tapSchema.nullable().meta({ description: "The first lane's" }),
  lanes: z
    .array(
      z.object({
        name: z.string(),
        reader: readerSchema,
        openSale: tapSchema.nullable().meta({ description: "What a torn tap left open there" }),
      }),
    )
    .meta({ description: "All lanes; the terminal is ready where one of them has a reader that can be used" }),
  givesBack: z.boolean().meta({ description: "A key is configured with which sent payments can be refunded" }),
  lastExchange: z
    .object({
      at: z.int(),
      reached: z.boolean().meta({ description: "Settlement was reached, in every currency that has one" }),
      faults: z.array(z.object({ code: z.string(), message: z.string() })),
    })
    .nullable(),
  currencies: z
    .array(currencySchema)
    .meta({ description: "Each currency by itself: one may sell while another cannot" }),
});

/** POST /v1/sync. */
export const syncQuerySchema = z.strictObject({ again: z.enum(["true", "false"]).optional() });

/** The body of a call without parameters: an empty object, or none. */
export const emptyRequestSchema = z.strictObject({}).nullish();

export const syncResultSchema = z.object({
  uploaded: z.object({
    new: z.int(),
    duplicate: z.int(),
    forked: z.int(),
    refused: z.int(),
    setAside: z.int().meta({ description: "Uploads that are packed anew in halves" }),
  }),
  statusList: z.object({ seq: z.int(), asOf: z.int(), replaced: z.boolean() }).nullable(),
  reportedFinal: z.int().meta({ description: "Payments of which settlement reported the end in this round" }),
  becameFinal: z.int().meta({ description: "Payments of which a final block showed the end in this round" }),
  faults: z.array(z.object({ code: z.string(), message: z.string() })),
});

/** GET /livez. */
export const livenessSchema = z.object({ live: z.literal(true) });
