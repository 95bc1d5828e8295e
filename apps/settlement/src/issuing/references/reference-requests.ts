import { cardRegistrationSchema, reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { hash } from "../../foundation/http/answer-parts.ts";

/** A reference as registrations have it. */
const { reference } = cardRegistrationSchema.shape;

/** `takeOver`: from whichever station has it, which must not go on with it. */
export const claimRequestSchema = z.strictObject({ reference, takeOver: z.boolean().default(false) });

/** Whose the reference is now. */
export const claimAnswerSchema = z.object({
  reference: z.string(),
  station: z.string(),
  operator: z.string().nullable(),
  claimedAt: z.string(),
});

/** One that was taken before is released whatever it is made of. */
export const releaseRequestSchema = z.strictObject({ reference: z.string().min(1).max(LIMITS.referenceCharacters) });

export const releaseAnswerSchema = z.object({ reference: z.string() });

export const renameRequestSchema = z.strictObject({ reference, reason: reasonText });

export const renameAnswerSchema = z.object({ card: hash, reference: z.string() });

export type ClaimRequest = z.infer<typeof claimRequestSchema>;
export type ClaimAnswer = z.infer<typeof claimAnswerSchema>;
export type ReleaseRequest = z.infer<typeof releaseRequestSchema>;
export type ReleaseAnswer = z.infer<typeof releaseAnswerSchema>;
export type RenameRequest = z.infer<typeof renameRequestSchema>;
export type RenameAnswer = z.infer<typeof renameAnswerSchema>;
