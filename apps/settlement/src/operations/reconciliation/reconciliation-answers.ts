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
  advances: z.string(),
  paidTwice: z.string(),
  ledgerDifference: z.string(),
  vault: z
    .object({ held: z.string(), owes: z.string(), surplus: z.string() })
    .describe("what the vault's address holds and owes, in the token's own decimals; below zero it is insolvent"),
  ageSeconds: z.int().describe("how old these figures are: they are made for everybody at once"),
  anchors: anchorReportSchema,
});
