import { z } from "zod";
import { LIMITS } from "../../foundation/limits/limits.ts";

/**
 * Requests about cards that no other app makes; those that others share stand in packages/protocol.
 */
export const fundingRequestSchema = z.strictObject({
  amount: z.string().max(LIMITS.amountCharacters),
  /** Chosen by the caller: the same key is the same funding. */
  key: z.string().min(1).max(LIMITS.referenceCharacters),
});
export const statusRequestSchema = z.strictObject({ status: z.enum(["valid", "suspended", "revoked", "lost"]) });

export type FundingRequest = z.infer<typeof fundingRequestSchema>;
export type StatusRequest = z.infer<typeof statusRequestSchema>;
