import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";
import { VOUCHER_STATES } from "./voucher-states.ts";

export const voucherAnswerSchema = z.object({
  state: z.enum([...VOUCHER_STATES, "mined", "refused"]),
  code: z.string().nullable(),
  waits: z.object({ code: z.string(), detail: z.string() }).nullable(),
  batch: z.uuid().nullable(),
  tx: hash.nullable(),
  amount: z.string().nullable(),
  reversed: z.boolean(),
  owes: z.enum(["release", "refund"]).nullable(),
  refunded: z.string(),
  refunds: z.array(z.object({ amount: z.string(), tx: hash })),
});
