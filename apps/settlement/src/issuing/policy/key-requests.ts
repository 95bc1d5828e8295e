import { allowanceResponseSchema, checkValueText, unsignedNumber, reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

/** What a station gives a card: keys of a master key, an issuer key, or both; and why. */
export const keysRequestSchema = z.strictObject({
  masterKey: checkValueText.optional(),
  issuerKeyId: unsignedNumber(255).optional(),
  reason: reasonText,
});

/** The allowance by the issuer key; null where none was asked for. */
export const keysAnswerSchema = z.object({ card: hash, allowance: allowanceResponseSchema.nullable() });

export type KeysRequest = z.infer<typeof keysRequestSchema>;
export type KeysAnswer = z.infer<typeof keysAnswerSchema>;
