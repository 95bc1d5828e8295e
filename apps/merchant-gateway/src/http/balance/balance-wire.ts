import { formatAmount } from "@tallystick/money";
import { toChecksumAddress, toAddress, toHex, equalBytes } from "@tallystick/protocol";
import { hexText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { cardAddress } from "../../keys/card-address.ts";
import { MAX_CARD_WAIT_SECONDS } from "../../limits.ts";
import type { ReadBalance } from "../../taps/balance/read-balances.ts";
import { tapMessage } from "../../taps/tap-result.ts";
import { laneText, pinText } from "../wire.ts";

const amountOrNull = z.string().nullable();

/** GET /v1/balance. */
export const balanceQuerySchema = z.strictObject({
  lane: laneText.optional(),
  waitSeconds: z.coerce.number().min(0).max(MAX_CARD_WAIT_SECONDS).optional().meta({
    description: "How long to wait for a card",
  }),
});

/** POST /v1/balance: with the cardholder's PIN. */
export const balanceRequestSchema = z.strictObject({
  pin: pinText,
  lane: laneText.optional(),
  waitSeconds: z.number().min(0).max(MAX_CARD_WAIT_SECONDS).optional(),
});

/** One currency on a card. */
export const cardBalanceSchema = z.object({
  currency: z.string(),
  card: hexText(20).nullable(),
  left: amountOrNull.meta({ description: "What can still be spent, as the card says; null where no issuer signed it" }),
  payable: amountOrNull.meta({ description: "The most that it can pay here at once" }),
  withoutPin: z
    .object({ amount: z.string(), payments: z.int().nullable().meta({ description: "null: no count limits them" }) })
    .nullable()
    .meta({ description: "What it pays until a PIN is asked for; null where one is asked for at once" }),
  paymentsLeft: z.int().nullable().meta({ description: "Payments until it needs a newer allowance" }),
  validFrom: z.int().meta({ description: "Seconds since 1970" }),
  validUntil: z.int().meta({ description: "Seconds since 1970" }),
  code: z.string().nullable().meta({ description: "Why it would not pay here now; null where nothing is against it" }),
  message: z.string().nullable(),
  payments: z
    .array(
      z.object({
        counter: z.int(),
        amount: z.string(),
        time: z.int(),
        payee: z.string(),
        here: z.boolean().meta({ description: "Paid to this terminal's payee" }),
      }),
    )
    .nullable()
    .meta({ description: "The last payments, newest first; null where the PIN was not entered, or not taken" }),
  paymentsCode: z.string().nullable().meta({ description: "Why they are not shown though a PIN was entered" }),
  paymentsMessage: z.string().nullable(),
});

/** What a card shows. */
export const balanceSchema = z.object({
  code: z
    .string()
    .nullable()
    .meta({ description: "Why nothing is shown, such as CARD_ABSENT; null where something is" }),
  message: z.string().nullable(),
  sw: z.string().nullable().meta({ description: "Status word of the last command that decided" }),
  balances: z.array(cardBalanceSchema),
});

/** One currency on a card as JSON. */
export function balanceToWire(balance: ReadBalance, payee: Uint8Array): z.output<typeof cardBalanceSchema> {
  const { policy, select, left, payable, withoutPin, paymentsLeft, code, log } = balance;
  const { asset } = policy.served;
  const { notBefore: validFrom, notAfter: validUntil } = select.allowanceBody;
  const money = (units: bigint | null): string | null => (units === null ? null : formatAmount(units, asset));
  return {
    currency: asset.code,
    card: cardOf(select.cardKey),
    left: money(left),
    payable: money(payable),
    withoutPin:
      withoutPin === null ? null : { amount: formatAmount(withoutPin.units, asset), payments: withoutPin.payments },
    ...{ paymentsLeft, validFrom, validUntil, code },
    message: code === null ? null : tapMessage(code),
    payments:
      log?.ok === true
        ? log.payments.map(({ counter, amount, time, payee: paid }) => ({
            ...{ counter, amount: formatAmount(amount, asset), time },
            ...{ payee: toChecksumAddress(toAddress(paid)), here: equalBytes(paid, payee) },
          }))
        : null,
    paymentsCode: log?.ok === false ? log.code : null,
    paymentsMessage: log?.ok === false ? tapMessage(log.code) : null,
  };
}

/** A lying card may show a key that is no point; it has no address. */
function cardOf(cardKey: Uint8Array): string | null {
  try {
    return toHex(cardAddress(cardKey));
  } catch {
    return null;
  }
}
