import { z } from "zod";
import { ALLOWANCE_BODY_LENGTH } from "../objects/allowance.ts";
import { MAX_ALLOWANCE_FLAGS, MAX_CATEGORY, MAX_U32 } from "../bytes/limits.ts";
import { MERCHANT_CERTIFICATE_LENGTH } from "../objects/merchant-certificate.ts";
import { SIGNATURE_LENGTH } from "../bytes/signature-form.ts";
import { MAX_CARD_REFERENCE_LENGTH, MAX_ISSUER_KEYS_SIGNING } from "./limits.ts";
import { amountText, checkValueText, hexText, reasonText, u64Text, unsignedNumber, visibleText } from "./values.ts";

/**
 * POST /v1/cards: a card that has signed its opening. The sender has turned the card's DER over
 * `TLYO` into r ‖ s.
 */
export const cardRegistrationSchema = z.strictObject({
  cardKey: hexText(33),
  owner: hexText(20),
  openingSignature: hexText(SIGNATURE_LENGTH),
  reference: visibleText(z.string().min(1).max(MAX_CARD_REFERENCE_LENGTH)),
  /** Check value of the master key that the card's keys are of. */
  masterKey: checkValueText.optional(),
});

/** The answer: the card's address, its place in the status list, and how far its opening is. */
export const cardRegistrationResponseSchema = z.strictObject({
  card: hexText(20),
  cardIndex: unsignedNumber(MAX_U32),
  state: z.enum(["registered", "opening", "open"]),
});

/**
 * POST /v1/cards/:card/allowances: what the issuer wants to allow; sums in display units, the caps
 * of the funding rule when left out.
 */
export const allowanceRequestSchema = z.strictObject({
  maxSpent: amountText.optional(),
  softSpent: amountText.optional(),
  perTap: amountText,
  pinAbove: amountText,
  noPinSum: amountText,
  noPinCount: unsignedNumber(255),
  notBefore: unsignedNumber(MAX_U32),
  notAfter: unsignedNumber(MAX_U32),
  categories: u64Text,
  flags: unsignedNumber(MAX_ALLOWANCE_FLAGS),
  /** The issuer key that the card is given, or holds; the one of its newest allowance when left out. */
  issuerKeyId: unsignedNumber(255).optional(),
  /** For the audit log. */
  reason: reasonText,
});

/** A signed allowance as UPDATE ALLOWANCE takes it. */
export const allowanceResponseSchema = z.strictObject({
  body: hexText(ALLOWANCE_BODY_LENGTH),
  signature: hexText(SIGNATURE_LENGTH),
});

/** POST /v1/merchants: a terminal to certify. */
export const merchantRequestSchema = z.strictObject({
  payee: hexText(20),
  category: unsignedNumber(MAX_CATEGORY),
  terminalId: hexText(8),
  /** Uncompressed. */
  terminalKey: hexText(65),
  notBefore: unsignedNumber(MAX_U32),
  notAfter: unsignedNumber(MAX_U32),
  perTap: amountText,
  unsentSum: amountText,
  unsentCount: unsignedNumber(MAX_U32),
  perCardSum: amountText,
  softwareSum: amountText,
  /** For the audit log. */
  reason: reasonText,
});

/** A merchant certificate and the issuer's signature (spec §3.4). */
export const certificateResponseSchema = z.strictObject({
  certificate: hexText(MERCHANT_CERTIFICATE_LENGTH),
  signature: hexText(SIGNATURE_LENGTH),
  /** While several issuer keys sign: the same certificate by each other one (spec §6.10). */
  others: z
    .array(z.strictObject({ certificate: hexText(MERCHANT_CERTIFICATE_LENGTH), signature: hexText(SIGNATURE_LENGTH) }))
    .max(MAX_ISSUER_KEYS_SIGNING)
    .optional(),
});

/** A card to register. */
export type CardRegistration = z.infer<typeof cardRegistrationSchema>;
/** A registered card. */
export type CardRegistrationResponse = z.infer<typeof cardRegistrationResponseSchema>;
/** An allowance asked for. */
export type AllowanceRequest = z.infer<typeof allowanceRequestSchema>;
/** An allowance signed. */
export type AllowanceResponse = z.infer<typeof allowanceResponseSchema>;
/** A terminal to certify. */
export type MerchantRequest = z.infer<typeof merchantRequestSchema>;
/** A certificate signed. */
export type CertificateResponse = z.infer<typeof certificateResponseSchema>;
