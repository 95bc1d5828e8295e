import { z } from "zod";
import { anchorReportSchema } from "../../books/ledger-log/ledger-answers.ts";

const money = z.object({
  minted: z.string(),
  wallets: z.string(),
  guarantee: z.string(),
  cards: z.string(),
  owed: z.string(),
  paidOut: z.string(),
});

export const reconciliationAnswerSchema = z.object({
  block: z.string(),
  finalizedBlock: z.string(),
  chain: money,
  ledger: money,
  acceptedUnpaid: z.string(),
  issuerOwes: z.object({ vouchers: z.string(), ledger: z.string() }),
  paidTwice: z.string(),
  ledgerDifference: z.string(),
  anchors: anchorReportSchema,
});
