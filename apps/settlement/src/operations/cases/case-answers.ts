import { reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";
import { CASE_KINDS } from "./case-kinds.ts";

export const caseRequestSchema = z.strictObject({ reason: reasonText });

export type CaseRequest = z.infer<typeof caseRequestSchema>;

const caseSchema = z.object({
  id: z.string(),
  kind: z.enum(CASE_KINDS),
  detail: z.string(),
  state: z.enum(["open", "over", "resolved"]),
  causedAt: z.string(),
  openedAt: z.string(),
  resolvedAt: z.string().nullable(),
  owner: z.string().nullable(),
  card: hash.nullable(),
  counter: z.number().nullable(),
  payee: hash.nullable(),
  terminalId: hash.nullable(),
  voucherId: hash.nullable(),
  cost: z.string().nullable(),
});

/** A case in a list. `over`: what opened it is over, and a person has to say why. */
export type CaseView = z.infer<typeof caseSchema>;

export const casesAnswerSchema = z.object({ cases: z.array(caseSchema), next: z.string().nullable() });

const messageSchema = z.object({
  voucherId: hash,
  payee: hash,
  amount: z.string(),
  counter: z.number(),
  state: z.string(),
  source: z.enum(["upload", "chain"]),
  tx: hash.nullable(),
  message: hash,
  signature: hash,
  parity: z.number(),
});

/** A message of the card, with what it was signed with. */
export type CaseMessage = z.infer<typeof messageSchema>;

const eventSchema = z.object({
  kind: z.enum(["opened", "taken", "ended", "resolved", "reopened"]),
  who: z.string().nullable(),
  role: z.string().nullable(),
  reason: z.string(),
  at: z.string(),
});

export const caseAnswerSchema = caseSchema.extend({
  messages: z.array(messageSchema),
  history: z.array(eventSchema),
});

/** A case with its messages side by side, and its history. */
export type CaseDetail = z.infer<typeof caseAnswerSchema>;

export const caseStateAnswerSchema = z.object({ id: z.string(), state: z.enum(["open", "over", "resolved"]) });
