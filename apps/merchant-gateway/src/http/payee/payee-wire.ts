import { z } from "zod";
import { MAX_OTHER_PAGE_TEXT } from "./limits.ts";

const seconds = z.int().meta({ description: "Seconds since 1970" });

/** POST /v1/payee/confirmation: which currency's unit came. */
export const confirmationRequestSchema = z.strictObject({
  currency: z.string().optional().meta({ description: "All currencies when left out" }),
});

/** GET /v1/payee: who is paid, and whether somebody has seen that it is. */
export const payeeSchema = z.object({
  payee: z.string().meta({ description: "With its checksum (EIP-55)" }),
  firstUnits: z.array(
    z.object({
      currency: z.string(),
      state: z
        .enum(["unknown", "known", "sent", "confirmed"])
        .meta({ description: "`sent`: look whether it came and say so; `known`: this payee needed none" }),
      amount: z.string().nullable(),
      tx: z.string().nullable(),
    }),
  ),
});

/** GET /v1/payee/payments: what the payee's other terminals took; only shown. */
export const otherPaymentsSchema = z.object({
  payments: z.array(
    z.object({
      voucherId: z.string(),
      terminalId: z.string(),
      card: z.string(),
      counter: z.int(),
      currency: z.string(),
      amount: z.string(),
      soldAt: seconds,
      receivedAt: seconds,
      state: z.string().meta({ description: "Where settlement had it when it was asked last" }),
      code: z.string().nullable(),
      tx: z.string().nullable(),
    }),
  ),
  next: z.string().max(MAX_OTHER_PAGE_TEXT).nullable().meta({ description: "`before` of the next page" }),
});
