import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";
import { SUSPENSION_GROUNDS } from "../cards/card-statuses.ts";

/** By the status list's values (spec §3.5). */
export const CARD_STATUS_NAMES = ["valid", "suspended", "revoked", "lost"] as const;

export const cardAnswerSchema = z.object({
  card: hash,
  cardIndex: z.int(),
  reference: z.string(),
  owner: hash,
  state: z.enum(["registered", "opening", "open"]),
  balanceFinal: z.string(),
  balanceLatest: z.string(),
  paidFinal: z.string(),
  pendingWithdrawal: z.string(),
  status: z.enum(CARD_STATUS_NAMES),
  suspendedFor: z.array(z.enum(SUSPENSION_GROUNDS)),
  flagged: z.boolean(),
  /** Of its newest allowance; 0 before the first. */
  allowanceSeq: z.int(),
  /**
   * The newest allowance that the card has shown, and its maxSpent; null before it has shown one, and that of one which is
   * not stored.
   */
  allowanceShown: z.object({ seq: z.int(), maxSpent: z.string().nullable() }).nullable(),
  /** Check value of the master key that its keys are of; null where no station has said it. */
  masterKey: z.string().nullable(),
  /** Issuer key of its newest allowance, which the card holds or is about to get; null without one. */
  issuerKeyId: z.int().nullable(),
  bound: z.string(),
  boundUnits: z.string(),
  replacedBy: hash.nullable(),
  replaces: hash.nullable(),
  missing: z.object({ count: z.int(), worth: z.string() }),
  /** Deposits from the treasury that are on their way to it. */
  depositsWaiting: z.object({ count: z.int(), amount: z.string() }),
});
