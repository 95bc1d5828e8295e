import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

/** Why the issuer bore something: another message of the counter was paid, or its guarantee alone. */
export const COST_GROUNDS = ["fork", "guarantee"] as const;

const amount = z.string().describe("display units");

export const costsAnswerSchema = z.object({
  ...{ from: z.string(), to: z.string() },
  sums: z.array(z.object({ ground: z.enum(COST_GROUNDS), vouchers: z.int(), amount })),
  amount: amount.describe("all of them together"),
  paidTwice: amount.describe("of it, vouchers that the vault paid as well"),
  gasWei: z.string().describe("what transfers and proofs of the period cost in wei"),
  owed: amount.describe("what the issuer owes now and has not paid"),
  costs: z
    .array(
      z.object({
        ...{ at: z.string().describe("when it was booked"), ground: z.enum(COST_GROUNDS), amount },
        ...{ voucher: hash, payee: hash, card: hash.nullable(), counter: z.int().nullable(), tx: hash.nullable() },
        ...{ way: z.enum(["compensation", "deposit"]), gasWei: z.string().nullable(), paidTwice: z.boolean() },
      }),
    )
    .describe("the newest first"),
  more: z.boolean().describe("the period has more than are listed; the sums count all"),
});

export type CostsAnswer = z.infer<typeof costsAnswerSchema>;
