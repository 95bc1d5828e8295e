import { z } from "zod";
import { PUBLIC_ACTION_STATES } from "../../chain/action-views.ts";
import { hash } from "../../foundation/http/answer-parts.ts";
import { CARD_STATUS_NAMES } from "../allowances/card-answers.ts";
import { SUSPENSION_GROUNDS } from "../cards/card-statuses.ts";

/** Where the next page begins; null on the last one. */
const next = z.string().nullable();

export const cardListSchema = z.object({
  cards: z.array(
    z.object({
      card: hash,
      cardIndex: z.int(),
      reference: z.string(),
      owner: hash,
      status: z.enum(CARD_STATUS_NAMES),
      suspendedFor: z.array(z.enum(SUSPENSION_GROUNDS)),
      flagged: z.boolean(),
      masterKey: z.string().nullable(),
      registeredAt: z.string(),
    }),
  ),
  next,
});

export const terminalListSchema = z.object({
  terminals: z.array(
    z.object({
      payee: hash,
      terminalId: hash,
      /** Of the newest certificate, seconds. */
      notBefore: z.int(),
      notAfter: z.int(),
      issuedAt: z.string(),
      /** The earliest time from which its certificates are withdrawn, seconds; null where they are not. */
      withdrawnFrom: z.int().nullable(),
      /** When its newest upload was received; null of one that never brought any. */
      heardAt: z.string().nullable(),
    }),
  ),
  next,
});

export const payoutListSchema = z.object({
  payouts: z.array(
    z.object({
      id: z.uuid(),
      payee: hash,
      state: z.enum(PUBLIC_ACTION_STATES),
      tx: z.string().nullable(),
      createdAt: z.string(),
    }),
  ),
  next,
});

export const issuerAnswerSchema = z.object({ name: z.string().nullable() });

export type IssuerAnswer = z.infer<typeof issuerAnswerSchema>;
export type CardList = z.infer<typeof cardListSchema>;
export type TerminalList = z.infer<typeof terminalListSchema>;
export type PayoutList = z.infer<typeof payoutListSchema>;
