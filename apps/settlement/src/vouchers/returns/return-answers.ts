import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";

export const returnsAnswerSchema = z.object({
  reversals: z.array(
    z.object({
      payee: hash,
      reversedAt: z.string(),
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
  unconfirmed: z.array(
    z.object({
      id: hash,
      payee: hash,
      terminalId: hash,
      arrivedAt: z.string(),
      voucherId: hash.nullable(),
      amount: z.string().nullable(),
      text: z.string(),
    }),
  ),
  returns: z.array(
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
