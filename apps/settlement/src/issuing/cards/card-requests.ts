import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";

/**
 * Requests about cards that no other app makes; those that others share stand in packages/protocol.
 */
export const fundingRequestSchema = z.strictObject({
  amount: z.string().max(LIMITS.amountCharacters),
  /** Chosen by the caller: the same key is the same funding. */
  key: z.string().min(1).max(LIMITS.referenceCharacters),
  reason: reasonText,
});
const status = z.enum(["valid", "suspended", "revoked", "lost"]);
export const statusRequestSchema = z.strictObject({ status, reason: reasonText });
/** The answer: the status as it was set. */
export const statusAnswerSchema = z.object({ card: hash, status });

export type FundingRequest = z.infer<typeof fundingRequestSchema>;
export type StatusRequest = z.infer<typeof statusRequestSchema>;
export type StatusAnswer = z.infer<typeof statusAnswerSchema>;
