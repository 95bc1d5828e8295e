import { excessCodes, PAYEE_SIGNATURE_LENGTH, type ExcessCode } from "@tallystick/protocol";
import { hexText, reasonText } from "@tallystick/protocol/wire";
import { z } from "zod";
import { hash } from "../../foundation/http/answer-parts.ts";
import { VOUCHER_STATES } from "../states/voucher-states.ts";
import { ROLES } from "../../foundation/rights.ts";

/** Why a withheld voucher is not paid: a code of §6.8, or that its payee disowns it. */
export type RefusalGround = ExcessCode | "DISOWNED";

export const REFUSAL_GROUNDS: readonly RefusalGround[] = [...(Object.keys(excessCodes) as ExcessCode[]), "DISOWNED"];

/** How a person pays: the issuer's transfer, a deposit to the card, or the vault as it is. */
export const PAYMENT_WAYS = ["compensation", "deposit", "vault"] as const;

export type PaymentWay = (typeof PAYMENT_WAYS)[number];

export const paymentRequestSchema = z.strictObject({ reason: reasonText });

export const refusalRequestSchema = z.strictObject({
  ground: z.enum(REFUSAL_GROUNDS as [RefusalGround, ...RefusalGround[]]),
  reason: reasonText,
  /** The payee's, with the ground DISOWNED. */
  signature: hexText(PAYEE_SIGNATURE_LENGTH).optional(),
});

const state = z.enum(VOUCHER_STATES);

export const paymentAnswerSchema = z.object({ voucherId: hash, way: z.enum(PAYMENT_WAYS), state });

export const refusalAnswerSchema = z.object({ voucherId: hash, refused: z.boolean(), state });

const decision = z.object({
  kind: z.enum(["payment", "refusal-proposed", "refusal"]),
  way: z.enum(PAYMENT_WAYS).nullable(),
  ground: z.string(),
  who: z.string(),
  reason: z.string(),
  at: z.string(),
});

export const withheldAnswerSchema = z.object({
  withheld: z.array(
    z.object({
      voucherId: hash,
      ground: z.string(),
      amount: z.string(),
      payee: hash,
      card: hash,
      since: z.string(),
      overdue: z.boolean(),
      payment: z.object({ roles: z.array(z.enum(ROLES)), persons: z.literal(1) }),
      refusal: z.object({ roles: z.array(z.enum(ROLES)), persons: z.literal(2) }),
      decisions: z.array(decision),
    }),
  ),
});

export type PaymentRequest = z.infer<typeof paymentRequestSchema>;
export type RefusalRequest = z.infer<typeof refusalRequestSchema>;
export type PaymentAnswer = z.infer<typeof paymentAnswerSchema>;
export type RefusalAnswer = z.infer<typeof refusalAnswerSchema>;
export type WithheldAnswer = z.infer<typeof withheldAnswerSchema>;
export type WithheldView = WithheldAnswer["withheld"][number];
