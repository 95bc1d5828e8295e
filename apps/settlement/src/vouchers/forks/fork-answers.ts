import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

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
          source: z.enum(["upload", "chain"]),
          tx: hash.nullable(),
          message: hash,
          signature: hash,
          parity: z.int(),
        }),
      ),
    }),
  ),
});
