import { z } from "zod";
import { SIGNATURE_LENGTH } from "../bytes/signature-form.ts";
import { STATUS_LIST_HEAD_LENGTH } from "../objects/status-list-head.ts";
import { MAX_ISSUER_KEYS_SIGNING, MAX_STATUS_LIST_TEXT_LENGTH } from "./limits.ts";
import { hexText } from "./values.ts";

/**
 * GET /v1/status-list: head and signature in hexadecimal, the list as base64 of raw deflate (spec
 * §3.5).
 */
export const statusListResponseSchema = z.strictObject({
  head: hexText(STATUS_LIST_HEAD_LENGTH),
  signature: hexText(SIGNATURE_LENGTH),
  list: z
    .string()
    .max(MAX_STATUS_LIST_TEXT_LENGTH)
    .regex(/^[A-Za-z0-9+/]*={0,2}$/, "must be base64"),
  /** While several issuer keys sign: the same head by each other one (spec §6.10). */
  heads: z
    .array(z.strictObject({ head: hexText(STATUS_LIST_HEAD_LENGTH), signature: hexText(SIGNATURE_LENGTH) }))
    .max(MAX_ISSUER_KEYS_SIGNING)
    .optional(),
});

/** A status list as the settlement serves it. */
export type StatusListResponse = z.infer<typeof statusListResponseSchema>;
