import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

/** POST …/replacement: which card takes its place, and why. */
export const replacementRequestSchema = z.strictObject({
  successor: z.string().regex(/^0x[0-9a-f]{40}$/, "must be an address in lower case"),
  reason: reasonText,
});

/** POST …/replacement/rest: why a held rest is asked for again. */
export const restRequestSchema = z.strictObject({ reason: reasonText });

export type RestRequest = z.infer<typeof restRequestSchema>;

/** How far a replacement is; amounts in display units. */
export const replacementAnswerSchema = z.object({
  card: hash,
  successor: hash,
  /** What is certain, for the successor at once; a receivable from its deposit to the withdrawal. */
  advance: z.string(),
  advanceState: z.enum(["none", "due", "waiting", "given", "dropped"]).describe("waiting: for a second person"),
  advanceDropped: z
    .enum(["REFUSED", "ENDED", "ABANDONED", "SUCCESSOR", "LATE"])
    .nullable()
    .describe("why it comes with the rest"),
  advanceApproval: z.string().nullable().describe("id of the approval that it waits for"),
  /** The owner's withdrawal that is pending in the vault, and from when on it can be carried out. */
  pendingWithdrawal: z.string(),
  readyAt: z.int().nullable().describe("seconds"),
  /** What came back, final; null until then. */
  withdrawn: z.string().nullable(),
  advanceFunding: z.string().nullable().describe("id of the deposit"),
  restFunding: z.string().nullable().describe("id of the deposit of what came back less the advance"),
  restState: z.enum(["none", "due", "waiting", "held", "given"]).describe("held: until a person asks for it again"),
  restHeld: z.string().nullable().describe("code of what keeps it"),
  restApproval: z.string().nullable().describe("id of the approval that it waits for"),
  restTo: hash.nullable().describe("the card that it is for"),
  state: z.enum(["waiting", "withdrawn", "done"]),
  requestedBy: z.string(),
  reason: z.string(),
});

export type ReplacementRequest = z.infer<typeof replacementRequestSchema>;
export type ReplacementAnswer = z.infer<typeof replacementAnswerSchema>;
