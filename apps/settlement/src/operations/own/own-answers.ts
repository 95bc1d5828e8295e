import { z } from "zod";
import { PUBLIC_ACTION_STATES } from "../../chain/action-views.ts";
import { REACHED_KINDS } from "../statements/money-reached.ts";
import { hash } from "../../foundation/http/answer-parts.ts";

/** A merchant's own: who it is here, where it stands, and its terminals. */
export const ownAnswerSchema = z.object({
  payee: hash,
  /** What people call it, and its terminals; null where nobody has named them. */
  name: z.string().nullable(),
  /** What its amounts are counted in. */
  asset: z.string(),
  balances: z.object({
    ...{ accepted: z.string(), owed: z.string(), paidOut: z.string() },
    /** The part of `accepted` that the issuer pays; null where that is none. */
    issuerOwes: z.string().nullable(),
  }),
  terminals: z.array(
    z.object({
      ...{ terminalId: hash, name: z.string().nullable(), notBefore: z.int(), notAfter: z.int() },
      withdrawnFrom: z.int().nullable(),
    }),
  ),
});

export type OwnAnswer = z.infer<typeof ownAnswerSchema>;

const ownVoucherSchema = z.object({
  ...{ id: hash, terminalId: hash, card: hash, counter: z.int(), amount: z.string() },
  /** The terminal's word, seconds. */
  paidAt: z.int(),
  receivedAt: z.string(),
  state: z.string(),
  batch: z.uuid().nullable(),
  /** What went back to the card of it, by final blocks. */
  refunds: z.array(z.object({ amount: z.string(), tx: hash })),
});

/** The newest first; `next` is the `before` of the next page. */
export const ownVouchersAnswerSchema = z.object({
  vouchers: z.array(ownVoucherSchema),
  next: z.string().nullable(),
});

export type OwnVouchersAnswer = z.infer<typeof ownVouchersAnswerSchema>;

/** Batches of the newest vouchers, with what of each is the merchant's. */
export const ownBatchesAnswerSchema = z.object({
  batches: z.array(
    z.object({
      ...{ id: z.uuid(), state: z.string(), tx: hash.nullable(), vouchers: z.int(), amount: z.string() },
      ...{ ledgerRoot: hash, ledgerSize: z.int().nullable(), createdAt: z.string() },
    }),
  ),
});

export type OwnBatchesAnswer = z.infer<typeof ownBatchesAnswerSchema>;

export const ownPayoutsAnswerSchema = z.object({
  payouts: z.array(
    z.object({
      ...{ id: z.uuid(), state: z.enum(PUBLIC_ACTION_STATES), tx: hash.nullable(), createdAt: z.string() },
      /** Null until the books have it. */
      amount: z.string().nullable(),
    }),
  ),
  /** All that made up what was paid out ever, the newest first; an amount below zero went back to a card. */
  reached: z.array(
    z.object({
      ...{ kind: z.enum(REACHED_KINDS), amount: z.string(), at: z.string() },
      ...{ tx: hash.nullable(), voucher: hash.nullable() },
    }),
  ),
  /** What was paid out before the last of these; null where all is listed. */
  reachedBefore: z.string().nullable(),
});

export type OwnPayoutsAnswer = z.infer<typeof ownPayoutsAnswerSchema>;
