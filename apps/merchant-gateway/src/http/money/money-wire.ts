import { hexText } from "@tallystick/protocol/wire";
import { z } from "zod";

const time = z.int().nullable();

const stageSchema = z.object({
  stage: z.enum(["terminal", "received", "batch", "vault", "paid-out", "attention"]).meta({
    description:
      "`terminal`: here alone. `received`: settlement has it. `batch`: on its way to the chain. `vault`: the vault holds it for the payee. `paid-out`: at the payee's address. `attention`: a person must look",
  }),
  saidBy: z
    .enum(["terminal", "settlement", "chain"])
    .meta({ description: "`chain`: this terminal has seen it in a final block" }),
  count: z.int(),
  sum: z.string(),
  oldest: time.meta({ description: "Seconds since 1970: time of the oldest payment there; null where there is none" }),
  newest: time,
  transactions: z
    .array(
      z.object({
        tx: z.string(),
        block: z.int().nullable().meta({ description: "The final block; null where none was seen" }),
        count: z.int(),
        sum: z.string(),
      }),
    )
    .meta({ description: "The newest that carry these payments" }),
  receipts: z
    .array(z.object({ uploadSeq: z.int(), receivedAt: z.int(), count: z.int(), sum: z.string() }))
    .meta({ description: "Settlement's signed receipts (TLYR) of these payments, newest first" }),
});

const currencyMoneySchema = z.object({
  currency: z.string(),
  chainId: z.string(),
  vault: hexText(20),
  stages: z.array(stageSchema),
  payouts: z
    .array(z.object({ tx: z.string(), block: z.int(), amount: z.string() }))
    .nullable()
    .meta({
      description: "Payouts to the payee in final blocks, newest first; null where this terminal reads no chain",
    }),
  account: z
    .object({
      earned: z.string(),
      left: z.string().meta({ description: "What left the earnings since the beginning: payouts and refunds" }),
      owed: z.string().meta({ description: "What the vault holds for the payee now" }),
      refundedSincePayout: z.string().meta({ description: "What refunds took of it since the last payout" }),
      asOf: z.int(),
    })
    .nullable()
    .meta({
      description: "The payee's account in the vault, all its terminals together; null until a final block showed it",
    }),
  nextPayout: z.int().nullable().meta({
    description:
      "Seconds since 1970: when this terminal brings its oldest payment to the vault and pays out by itself, where nobody did before; null where it does not",
  }),
});

/** GET /v1/money. */
export const moneySchema = z.object({
  payee: z.string().meta({ description: "The address that is paid, with its checksum (EIP-55)" }),
  time: z.int(),
  currencies: z.array(currencyMoneySchema),
  notices: z
    .array(z.object({ code: z.string(), message: z.string(), since: z.int() }))
    .meta({ description: "What settlement says keeps money in the vault" }),
});

/** POST /v1/money/withdraw. */
export const withdrawRequestSchema = z.strictObject({
  currency: z.string().min(1).max(12).optional().meta({ description: "Asset code; all currencies when left out" }),
});

export const withdrawSchema = z.object({
  payee: z.string(),
  payouts: z.array(
    z.object({
      currency: z.string(),
      state: z.enum(["sent", "nothing", "call"]).meta({
        description:
          "`sent`: a transaction pays the payee. `nothing`: the vault owes nothing. `call`: this terminal has no key; send the call with any account",
      }),
      tx: z.string().nullable(),
      amount: z.string().nullable().meta({ description: "What it pays out; null where one of before is under way" }),
      call: z.object({ chainId: z.string(), to: hexText(20), data: z.string() }).nullable(),
    }),
  ),
});
