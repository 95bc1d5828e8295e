import { hexText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { MAX_ASKER_LENGTH } from "./limits.ts";

const count = z.object({ count: z.int(), sum: z.string() });

const sums = {
  payments: count.meta({ description: "Accepted in this period, those that were reversed later as well" }),
  reversals: count.meta({ description: "Payments that were reversed in this period, whenever they were made" }),
  refunds: count.meta({ description: "Refunds that began in this period, of payments that were not reversed" }),
  refundsRefused: count.meta({ description: "Refunds that came to nothing in this period" }),
  net: z.string().meta({ description: "Payments less what was given back; may be below zero", example: "-2.50" }),
  unresolved: count.meta({
    description: "Nobody knew whether they were paid when the report was made; in no other sum",
  }),
};

/** An X or Z report. */
export const reportSchema = z.object({
  kind: z.enum(["x", "z"]),
  number: z.int().meta({ description: "Of a Z its own, without a gap; of an X what the next Z will have" }),
  terminalId: hexText(8),
  payee: z.string(),
  fromSeq: z.int().meta({ description: "It covers the entries of the journal's log above this one" }),
  toSeq: z.int().meta({ description: "And up to this one" }),
  head: hexText(32).meta({ description: "The log's hash at `toSeq`" }),
  since: z.int().nullable().meta({ description: "Seconds since 1970: when the period before was closed" }),
  at: z.int().meta({ description: "Seconds since 1970: when it was made" }),
  by: z.string().nullable().meta({ description: "Who asked for it" }),
  totals: z.array(z.object({ currency: z.string(), ...sums })),
  lines: z.array(z.object({ currency: z.string(), cashier: z.string().nullable(), lane: z.string(), ...sums })),
});

const by = z.string().min(1).max(MAX_ASKER_LENGTH).optional().meta({ description: "Who asks; stands in the report" });

/** GET /v1/reports/x. */
export const xReportQuerySchema = z.strictObject({ by });

/** POST /v1/reports/z. */
export const zReportRequestSchema = z.strictObject({
  by,
  number: z.int().min(1).optional().meta({
    description: "What the Z is to have, as an X says; asked for again, the same Z is answered and nothing is closed",
  }),
});

/** GET /v1/reports. */
export const reportListQuerySchema = z.strictObject({
  cursor: z.coerce.number().int().min(1).optional().meta({ description: "What the page before named as `next`" }),
});

export const reportListSchema = z.object({
  reports: z.array(reportSchema),
  next: z.int().nullable().meta({ description: "What to ask for as `cursor` to go on; null at the end" }),
});

/** The number of a Z report in a path. */
export const reportNumberSchema = z.coerce.number().int().min(1);
