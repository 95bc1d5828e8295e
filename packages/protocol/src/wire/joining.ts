import { z } from "zod";
import { MAX_U32 } from "../bytes/limits.ts";
import { SIGNATURE_LENGTH } from "../bytes/signature-form.ts";
import { MERCHANT_CERTIFICATE_LENGTH } from "../objects/merchant-certificate.ts";
import { ADMISSION_LENGTH } from "../objects/request/admission.ts";
import { CERTIFICATE_REQUEST_LENGTH } from "../objects/request/certificate-request.ts";
import {
  MAX_ASSET_CODE_LENGTH,
  MAX_ASSET_DECIMALS,
  MAX_ISSUER_KEYS_SIGNING,
  MAX_LISTED_VOUCHERS,
  MAX_REASON_LENGTH,
  MAX_SETTLEMENT_URL_LENGTH,
  MAX_STATE_NAME_LENGTH,
  MAX_TERMS_TEXT_LENGTH,
} from "./limits.ts";
import { amountText, hexText, u64Text, unsignedNumber } from "./values.ts";

/** POST /v1/certificate-requests: `TLYQ` and the terminal's signature, in hexadecimal (spec §3.12). */
export const certificateRequestSchema = z.strictObject({
  request: hexText(CERTIFICATE_REQUEST_LENGTH),
  signature: hexText(SIGNATURE_LENGTH),
});

/** The text of an admission's terms, read (spec §3.13); a later version has another `schema`. */
export const termsSchema = z.object({
  schema: z.literal("tallystick.terms/1"),
  asset: z.strictObject({
    code: z.string().min(1).max(MAX_ASSET_CODE_LENGTH),
    decimals: unsignedNumber(MAX_ASSET_DECIMALS),
    /** Token base units in one unit. */
    scale: u64Text,
  }),
  /** The keys that sign now, the present one first. */
  issuerKeys: z
    .array(z.strictObject({ id: unsignedNumber(255), publicKey: hexText(33) }))
    .min(1)
    .max(MAX_ISSUER_KEYS_SIGNING + 1),
  /** The account that compensations are paid from; null where the issuer bears nothing. */
  guaranteeAccount: hexText(20).nullable(),
  /** Where terminals reach settlement; null where it does not know. */
  settlementUrl: z
    .url({ protocol: /^https?$/ })
    .max(MAX_SETTLEMENT_URL_LENGTH)
    .nullable(),
  /** U: a voucher that arrives later is not promised. */
  uploadWindowSeconds: unsignedNumber(MAX_U32).min(1),
  /** W: the vault's delay of withdrawals and voids. */
  vaultDelaySeconds: unsignedNumber(MAX_U32).min(1),
});

/** What an admitted terminal gets: the terms' text as it was signed, and by each key that signs an admission and a certificate. */
export const admissionSchema = z.strictObject({
  terms: z.string().min(1).max(MAX_TERMS_TEXT_LENGTH),
  heads: z
    .array(
      z.strictObject({
        admission: hexText(ADMISSION_LENGTH),
        signature: hexText(SIGNATURE_LENGTH),
        certificate: hexText(MERCHANT_CERTIFICATE_LENGTH),
        certificateSignature: hexText(SIGNATURE_LENGTH),
      }),
    )
    .min(1)
    .max(MAX_ISSUER_KEYS_SIGNING + 1),
});

/** The answer about one certificate request, to whoever knows its id. */
export const certificateRequestAnswerSchema = z.object({
  /** SHA-256 of `TLYQ`. */
  id: hexText(32),
  state: z.enum(["waiting", "approved", "refused"]),
  /** Why it was refused; null otherwise. */
  reason: z.string().max(MAX_REASON_LENGTH).nullable(),
  admission: admissionSchema.nullable(),
});

/** One voucher of a list of a payee's (spec §6.13, kind 5). */
export const listedVoucherSchema = z.object({
  voucherId: hexText(32),
  terminalId: hexText(8),
  card: hexText(20),
  counter: unsignedNumber(MAX_U32),
  amount: amountText,
  /** The terminal's time of the sale, seconds. */
  time: unsignedNumber(MAX_U32),
  /** When settlement had it, seconds. */
  receivedAt: unsignedNumber(MAX_U32),
  state: z.string().max(MAX_STATE_NAME_LENGTH),
  code: z.string().max(MAX_STATE_NAME_LENGTH).nullable(),
  tx: hexText(32).nullable(),
});

/** The answer to a request of kind 5: vouchers of the payee by their ids, and the place of the next page. */
export const voucherListSchema = z.object({
  vouchers: z.array(listedVoucherSchema).max(MAX_LISTED_VOUCHERS),
  next: hexText(32).nullable(),
});

/** The answer to a request of kind 6: how far the payee's first unit is. */
export const payeeAnswerSchema = z.object({
  /** `known`: the payee had none to get; `sent`: it is on its way or came, and nobody has said so; `confirmed`. */
  state: z.enum(["known", "sent", "confirmed"]),
  /** Display units that were sent; null for a payee that had none to get. */
  amount: amountText.nullable(),
  /** The transaction that was mined, or null. */
  tx: hexText(32).nullable(),
});

/** A certificate request as it is sent. */
export type CertificateRequestBody = z.infer<typeof certificateRequestSchema>;
/** The terms of an admission. */
export type Terms = z.infer<typeof termsSchema>;
/** An admission as it is answered. */
export type AdmissionAnswer = z.infer<typeof admissionSchema>;
/** How far a certificate request is. */
export type CertificateRequestAnswer = z.infer<typeof certificateRequestAnswerSchema>;
/** One voucher of a payee. */
export type ListedVoucher = z.infer<typeof listedVoucherSchema>;
/** The answer to a request of kind 5. */
export type VoucherListAnswer = z.infer<typeof voucherListSchema>;
/** The answer to a request of kind 6. */
export type PayeeAnswer = z.infer<typeof payeeAnswerSchema>;
