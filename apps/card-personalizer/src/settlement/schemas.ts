import { allowanceResponseSchema, amountText, checkValueText, hexText, hexTextUpTo } from "@tallystick/protocol/wire";
import { z } from "zod";

/**
 * Answers that no other app reads. They are loose: a newer settlement may say more, and only what is used here counts.
 */
export const domainAnswerSchema = z.looseObject({
  chainId: z.union([z.int(), z.string()]).transform((value) => BigInt(value)),
  vault: z.string(),
  issuerKeys: z.array(z.looseObject({ id: z.int(), publicKey: hexTextUpTo(65) })),
});

/** An answer of which nothing is used but that it came. */
export const anyAnswerSchema = z.looseObject({});

export const fundingAnswerSchema = z.looseObject({
  id: z.string().min(1).max(128),
  state: z.enum(["planned", "sent", "mined", "final", "failed"]),
  /** The transaction, where it is mined. */
  tx: z.string().nullish(),
  /** Why it waits or has failed. */
  reason: z.string().nullish(),
});

export const cardAnswerSchema = z.looseObject({
  card: hexText(20),
  state: z.enum(["registered", "opening", "open"]),
  balanceFinal: amountText.optional(),
  paidFinal: amountText.optional(),
  status: z.union([z.string(), z.int()]).optional(),
  reference: z.string().optional(),
  owner: z.string().optional(),
  flagged: z.boolean().optional(),
  suspendedFor: z.array(z.string()).optional(),
  pendingWithdrawal: amountText.optional(),
  bound: amountText.optional(),
  masterKey: checkValueText.nullish(),
  issuerKeyId: z.int().nullish(),
  replacedBy: z.string().nullish(),
  replaces: z.string().nullish(),
  missing: z.looseObject({ count: z.int(), worth: z.string() }).optional(),
  /** The newest allowance that it has shown; its maxSpent is null where settlement does not have it. */
  allowanceShown: z.looseObject({ seq: z.int(), maxSpent: amountText.nullable() }).nullish(),
  depositsWaiting: z.looseObject({ count: z.int(), amount: z.string() }).optional(),
});

export const keysAnswerSchema = z.looseObject({ allowance: allowanceResponseSchema.nullable() });

export const issuerAnswerSchema = z.looseObject({ name: z.string().nullable() });

export const cardListAnswerSchema = z.looseObject({
  cards: z.array(z.looseObject({ card: hexText(20), reference: z.string(), status: z.string() })),
  next: z.string().nullable(),
});

/** What of the issuer's money can be deposited, the treasury's own tokens, and how far the chain is. */
export const moneyAnswerSchema = z.looseObject({
  chain: z.looseObject({ wallets: amountText }),
  block: z.string().optional(),
  finalizedBlock: z.string().optional(),
});

export const statusAnswerSchema = z.looseObject({ card: hexText(20), status: z.string() });

export const replacementAnswerSchema = z.looseObject({
  card: hexText(20),
  successor: hexText(20),
  advance: amountText,
  pendingWithdrawal: amountText,
  /** Seconds. */
  readyAt: z.int().nullable(),
  withdrawn: amountText.nullable(),
  /** Not told by a settlement from before the second person's part was shown. */
  advanceState: z.string().optional(),
  restState: z.string().optional(),
  state: z.enum(["waiting", "withdrawn", "done"]),
});

/** Also in the problem that a service which is not ready answers. */
export const readinessAnswerSchema = z.looseObject({
  reasons: z.array(z.looseObject({ code: z.string(), message: z.string(), next: z.string() })),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })).default([]),
});

const shareSchema = z.looseObject({ cards: z.int(), amount: z.string() });

export const floatAnswerSchema = z.looseObject({
  deposits: z.string(),
  spent: z.string(),
  liability: z.string(),
  unspent: z.array(shareSchema.extend({ days: z.string() })),
  expiring: shareSchema.extend({ days: z.int() }),
  expired: shareSchema,
  waiting: z.looseObject({
    deposits: z.string(),
    vouchers: z.string(),
    owed: z.string(),
    advances: z.string(),
    replacements: z.int(),
  }),
});

export const voucherAnswerSchema = z.looseObject({ state: z.string() });

export const problemSchema = z.looseObject({ code: z.string(), detail: z.string().optional() });
