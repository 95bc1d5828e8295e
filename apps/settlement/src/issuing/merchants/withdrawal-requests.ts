import { MAX_U32 } from "@tallystick/protocol";
import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

/** POST …/withdrawal: from which time on, now where it is left out, and why. */
export const withdrawalRequestSchema = z.strictObject({
  from: z.int().min(0).max(MAX_U32).optional(),
  reason: reasonText,
});

/** The answer: the time that counts, seconds. */
export const withdrawalAnswerSchema = z.object({ payee: hash, terminalId: hash, withdrawnFrom: z.int() });

export type WithdrawalRequest = z.infer<typeof withdrawalRequestSchema>;
export type WithdrawalAnswer = z.infer<typeof withdrawalAnswerSchema>;
