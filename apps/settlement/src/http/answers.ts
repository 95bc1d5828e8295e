import { z } from "zod";

/** Forms of the answers that only read; they describe, for the OpenAPI document, what the controllers write. */
const hash = z.string().describe("0x and hexadecimal digits");
const money = z.object({
  minted: z.string(),
  wallets: z.string(),
  cards: z.string(),
  owed: z.string(),
  paidOut: z.string(),
});

export const voucherAnswerSchema = z.object({
  state: z.enum([
    "received",
    "batched",
    "mined",
    "final",
    "skipped",
    "forked",
    "cancelled",
    "released",
    "refunded",
    "compensating",
    "compensated",
    "disputed",
    "refused",
  ]),
  code: z.string().nullable(),
  waits: z.object({ code: z.string(), detail: z.string() }).nullable(),
  batch: z.uuid().nullable(),
  tx: hash.nullable(),
  amount: z.string().nullable(),
  cancelled: z.boolean(),
  owes: z.enum(["release", "refund"]).nullable(),
  refunded: z.string(),
  refunds: z.array(z.object({ amount: z.string(), tx: hash })),
});

const anchor = z.object({ batch: z.uuid(), tx: hash, size: z.int(), root: hash });

export const ledgerRootAnswerSchema = z.object({ size: z.int(), root: hash });

export const inclusionAnswerSchema = ledgerRootAnswerSchema.extend({
  index: z.int(),
  entry: z.string(),
  leafHash: hash,
  path: z.array(hash),
});

export const consistencyAnswerSchema = z.object({
  from: z.int(),
  fromRoot: hash,
  to: z.int(),
  toRoot: hash,
  path: z.array(hash),
});

export const reconciliationAnswerSchema = z.object({
  block: z.string(),
  finalizedBlock: z.string(),
  chain: money,
  ledger: money,
  acceptedUnpaid: z.string(),
  ledgerDifference: z.string(),
  anchors: z.object({
    log: ledgerRootAnswerSchema,
    anchored: z.int(),
    agreeing: z.int(),
    newest: anchor.nullable(),
    disagreeing: z.array(anchor),
  }),
});

export const batchAnswerSchema = z.object({
  id: z.uuid(),
  state: z.enum(["planned", "sent", "mined", "final", "failed"]),
  tx: hash.nullable(),
  block: z.string().nullable(),
  vouchers: z.int(),
  paid: z.int().nullable(),
  skipped: z.int().nullable(),
  batchRoot: hash,
  ledgerRoot: hash,
  ledgerSize: z.int().nullable(),
  gasEstimate: z.string().nullable(),
  createdAt: z.string(),
  failure: z.string().nullable(),
});

export const batchesAnswerSchema = z.object({ batches: z.array(batchAnswerSchema) });

export const batchMembersAnswerSchema = batchAnswerSchema.extend({
  members: z.array(z.object({ voucherId: hash, position: z.int(), state: z.string() })),
});

export const forksAnswerSchema = z.object({
  forks: z.array(
    z.object({
      card: hash,
      counter: z.int(),
      foundAt: z.string(),
      vouchers: z.array(hash),
      paid: hash.nullable(),
      bearer: z.literal("issuer"),
      evidence: z.array(
        z.object({
          voucherId: hash,
          payee: hash,
          amount: z.string(),
          state: z.string(),
          message: hash,
          signature: hash,
          parity: z.int(),
        }),
      ),
    }),
  ),
});

export const giveBacksAnswerSchema = z.object({
  cancellations: z.array(
    z.object({
      payee: hash,
      cancelledAt: z.string(),
      voucher: z
        .object({
          voucherId: hash,
          card: hash,
          state: z.string(),
          amount: z.string(),
          owes: z.enum(["release", "refund"]).nullable(),
          refunded: z.string(),
        })
        .nullable(),
    }),
  ),
  giveBacks: z.array(
    z.object({
      kind: z.enum(["refunded", "released", "voided"]),
      final: z.boolean(),
      tx: hash,
      block: z.string(),
      card: hash,
      payee: hash.nullable(),
      amount: z.string().nullable(),
      vouchers: z.array(z.object({ voucherId: hash, amount: z.string() })),
      ofNoVoucher: z.string().nullable(),
    }),
  ),
});

export const readinessAnswerSchema = z.object({
  ready: z.boolean(),
  reasons: z.array(z.object({ code: z.string(), message: z.string() })),
});

export const domainAnswerSchema = z.object({
  chainId: z.int(),
  vault: hash,
  token: hash,
  asset: z.object({ code: z.string(), decimals: z.int(), scale: z.string() }),
  issuerKeys: z.array(z.object({ id: z.int(), publicKey: hash })),
});

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
  status: z.enum(["valid", "suspended", "revoked", "lost"]),
  flagged: z.boolean(),
  allowanceSeq: z.int(),
  bound: z.string(),
  boundUnits: z.string(),
  missing: z.object({ count: z.int(), worth: z.string() }),
});
