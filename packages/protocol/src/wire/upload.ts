import { z } from "zod";
import { MAX_UPLOAD_ENTRIES } from "../bytes/limits.ts";
import { MERCHANT_CERTIFICATE_LENGTH } from "../objects/merchant-certificate.ts";
import { SIGNATURE_LENGTH } from "../bytes/signature-form.ts";
import { MAX_UPLOAD_BODY_LENGTH } from "../objects/upload/upload-body.ts";
import { RECEIPT_LENGTH } from "../objects/upload/receipt.ts";
import { UPLOAD_LENGTH } from "../objects/upload/upload.ts";
import { hexText, hexTextUpTo } from "./values.ts";

/** `TLYR` and its signature (spec §3.10): both or none. */
const receiptMembers = {
  receipt: hexText(RECEIPT_LENGTH).optional(),
  receiptSignature: hexText(SIGNATURE_LENGTH).optional(),
};

/** What a receipt is read from: an answer to an upload, or the problem document in its place. */
export const receiptMembersSchema = z.object(receiptMembers);

/**
 * A receipt as it travels beside the results, in a problem document, or with an upload sent again.
 */
export type ReceiptMembers = z.infer<typeof receiptMembersSchema>;

/**
 * POST /v1/uploads: the signed head, the terminal's certificate, the body; all hexadecimal (spec
 * §3.7, §3.8). A terminal that holds a receipt of this upload sends it along.
 */
export const uploadRequestSchema = z.strictObject({
  upload: hexText(UPLOAD_LENGTH),
  signature: hexText(SIGNATURE_LENGTH),
  certificate: hexText(MERCHANT_CERTIFICATE_LENGTH),
  certificateSignature: hexText(SIGNATURE_LENGTH),
  body: hexTextUpTo(MAX_UPLOAD_BODY_LENGTH),
  ...receiptMembers,
});

/** What became of one voucher of an upload. */
export const uploadResultSchema = z.strictObject({
  voucherId: hexText(32),
  status: z.enum(["new", "duplicate", "forked", "refused"]),
  /** A reason code where the status needs one. */
  code: z.string().nullable(),
});

/**
 * The answer: one result for each voucher, in the body's order, the upload's receipt, and the upload
 * with the highest number that settlement holds of the terminal, where it is another one (spec §6.7).
 */
export const uploadResponseSchema = z.strictObject({
  results: z.array(uploadResultSchema).max(MAX_UPLOAD_ENTRIES),
  ...receiptMembers,
  latestUpload: hexText(UPLOAD_LENGTH).optional(),
  latestUploadSignature: hexText(SIGNATURE_LENGTH).optional(),
});

/** An upload as a terminal sends it. */
export type UploadRequest = z.infer<typeof uploadRequestSchema>;

/** What became of one voucher. */
export type UploadResult = z.infer<typeof uploadResultSchema>;

/** The settlement's answer to an upload. */
export type UploadResponse = z.infer<typeof uploadResponseSchema>;
