import { allowanceRequestSchema, allowanceResponseSchema, reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

/** The limits to change, in display units, and why; what is left out stays. */
export const limitsRequestSchema = allowanceRequestSchema
  .pick({ perTap: true, pinAbove: true, noPinSum: true, noPinCount: true, categories: true, notAfter: true })
  .partial()
  .extend({ reason: reasonText });

/** Why a card is suspended, or released. */
export const payingRequestSchema = z.strictObject({ reason: reasonText });

/** The status as it was set, and the allowance on its way to the card; null where it needs none. */
export const payingAnswerSchema = z.object({
  card: hash,
  status: z.enum(["valid", "suspended"]),
  allowance: allowanceResponseSchema.nullable(),
});

export type LimitsRequest = z.infer<typeof limitsRequestSchema>;
export type PayingRequest = z.infer<typeof payingRequestSchema>;
export type PayingAnswer = z.infer<typeof payingAnswerSchema>;
