import { z } from "zod";
import { MAX_UPLOAD_ENTRIES } from "../bytes/limits.ts";
import { MERCHANT_CERTIFICATE_LENGTH } from "../objects/merchant-certificate.ts";
import { SIGNATURE_LENGTH } from "../bytes/signature-form.ts";
import { MAX_UPLOAD_BODY_LENGTH } from "../objects/upload-body.ts";
import { UPLOAD_LENGTH } from "../objects/upload.ts";
import { hexText, hexTextUpTo } from "./values.ts";

/**
 * POST /v1/uploads: the signed head, the terminal's certificate, the body; all hexadecimal (spec
 * §3.7, §3.8).
 */
export const uploadRequestSchema = z.strictObject({
  upload: hexText(UPLOAD_LENGTH),
  signature: hexText(SIGNATURE_LENGTH),
  certificate: hexText(MERCHANT_CERTIFICATE_LENGTH),
  certificateSignature: hexText(SIGNATURE_LENGTH),
  body: hexTextUpTo(MAX_UPLOAD_BODY_LENGTH),
});

/** What became of one voucher of an upload. */
export const uploadResultSchema = z.strictObject({
  voucherId: hexText(32),
  status: z.enum(["new", "duplicate", "forked", "refused"]),
  /** A reason code where the status needs one. */
  code: z.string().nullable(),
});

/** The answer: one result for each voucher, in the body's order. */
export const uploadResponseSchema = z.strictObject({ results: z.array(uploadResultSchema).max(MAX_UPLOAD_ENTRIES) });

/** An upload as a terminal sends it. */
export type UploadRequest = z.infer<typeof uploadRequestSchema>;

/** What became of one voucher. */
export type UploadResult = z.infer<typeof uploadResultSchema>;

/** The settlement's answer to an upload. */
export type UploadResponse = z.infer<typeof uploadResponseSchema>;
