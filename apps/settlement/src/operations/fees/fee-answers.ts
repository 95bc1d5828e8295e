import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

/** What the fees of a period are added up by. */
export const FEE_GROUPS = ["kind", "account", "batch", "merchant"] as const;

export type FeeGroup = (typeof FEE_GROUPS)[number];

const wei = z
  .string()
  .regex(/^-?\d+$/)
  .describe("wei");
const row = z.object({ key: z.string(), transactions: z.int(), vouchers: z.int().nullable(), wei });

export const feesAnswerSchema = z.object({
  ...{ from: z.string(), to: z.string(), by: z.enum(FEE_GROUPS), transactions: z.int(), wei },
  rows: z.array(row).describe("the dearest first"),
  others: z
    .object({ wei })
    .describe("what is in no row: of the issuer alone, or of a batch or merchant beyond the list"),
});

export const voucherFeesSchema = z.object({
  ...{ voucher: hash, wei },
  shares: z.array(z.object({ tx: hash, kind: z.string(), succeeded: z.boolean(), at: z.string(), wei })),
});

export const gasAccountsSchema = z.object({
  block: z.string(),
  accounts: z.array(
    z.object({
      account: hash,
      openedBlock: z.string(),
      openedWei: wei,
      spentWei: wei.describe("what its booked transactions cost since then"),
      expectedWei: wei,
      balanceWei: wei.describe("what the chain shows at the block"),
      otherWei: wei.describe("came in less went out by what is not booked: top-ups, and transactions from elsewhere"),
      transactions: z.int().describe("booked since then"),
      otherTransactions: z.int().describe("nonces that were used since then by what is not booked, or not yet"),
    }),
  ),
});

export type FeesAnswer = z.infer<typeof feesAnswerSchema>;
export type VoucherFees = z.infer<typeof voucherFeesSchema>;
export type GasAccounts = z.infer<typeof gasAccountsSchema>;
