import {
  certificateRequestAnswerSchema,
  merchantRequestSchema,
  payeeAnswerSchema,
  reasonText,
} from "@tallystick/protocol/wire";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";
import { ADDRESS_CHARACTERS, DIGITS_CHARACTERS } from "./limits.ts";

/** POST …/approval: what a person read back, and what the terminal may do. */
export const approvalSchema = merchantRequestSchema
  .omit({ category: true, terminalId: true, terminalKey: true })
  .extend({
    /** All 20 digits, as the terminal's own screen shows them; blanks do not count. */
    digits: z.string().max(DIGITS_CHARACTERS),
    /** With its checksum (EIP-55). */
    payee: z.string().max(ADDRESS_CHARACTERS),
  });

/** POST …/refusal and …/confirmation: why. */
export const reasonedSchema = z.strictObject({ reason: reasonText });

/** GET /v1/certificate-requests. */
export const requestListSchema = z.object({
  requests: z.array(
    z.object({
      id: hash,
      digits: z.string().describe("20 hexadecimal digits, as on the terminal's own screen"),
      payee: z.string().describe("with its checksum (EIP-55)"),
      terminalId: hash,
      terminalKey: hash,
      category: z.int(),
      time: z.int().describe("the terminal's, seconds"),
      receivedAt: z.iso.datetime(),
      state: z.enum(["waiting", "approved", "refused"]),
      reason: z.string().nullable(),
      decidedBy: z.string().nullable(),
      knownPayee: z.boolean().describe("somebody was certified for this payee before"),
      knownTerminal: z.boolean().describe("this terminal id of the payee has a certificate"),
    }),
  ),
});

export { certificateRequestAnswerSchema, payeeAnswerSchema };

export type Approval = z.infer<typeof approvalSchema>;
export type Reasoned = z.infer<typeof reasonedSchema>;
export type RequestList = z.infer<typeof requestListSchema>;
