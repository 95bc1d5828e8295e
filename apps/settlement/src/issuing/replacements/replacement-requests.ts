import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

/** POST …/replacement: which card takes its place, and why. */
export const replacementRequestSchema = z.strictObject({
  successor: z.string().regex(/^0x[0-9a-f]{40}$/, "must be an address in lower case"),
  reason: reasonText,
});

/** How far a replacement is; amounts in display units. */
export const replacementAnswerSchema = z.object({
  card: hash,
  successor: hash,
  /** Given to the successor at once; a receivable until the withdrawal. */
  advance: z.string(),
  /** The owner's withdrawal that is pending in the vault, and from when on it can be carried out. */
  pendingWithdrawal: z.string(),
  readyAt: z.int().nullable().describe("seconds"),
  /** What came back, final; null until then. */
  withdrawn: z.string().nullable(),
  advanceFunding: z.string().nullable().describe("id of the deposit"),
  restFunding: z.string().nullable().describe("id of the deposit of what came back less the advance"),
  state: z.enum(["waiting", "withdrawn", "done"]),
  requestedBy: z.string(),
  reason: z.string(),
});

export type ReplacementRequest = z.infer<typeof replacementRequestSchema>;
export type ReplacementAnswer = z.infer<typeof replacementAnswerSchema>;
