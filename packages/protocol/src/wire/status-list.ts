import { z } from "zod";
import { MAX_STATUS_LIST_CARDS } from "../bytes/limits.ts";
import { SIGNATURE_LENGTH } from "../bytes/signature-form.ts";
import { STATUS_LIST_HEAD_LENGTH } from "../objects/status-list-head.ts";
import { hexText } from "./values.ts";

/** Longest text of a packed list: deflate never grows a list by more than a few bytes in each 16 KiB block. */
const longestListText = Math.ceil((MAX_STATUS_LIST_CARDS / 4 + 65_536) / 3) * 4;

/** GET /v1/status-list: head and signature in hexadecimal, the list as base64 of raw deflate (spec §3.5). */
export const statusListResponseSchema = z.strictObject({
  head: hexText(STATUS_LIST_HEAD_LENGTH),
  signature: hexText(SIGNATURE_LENGTH),
  list: z
    .string()
    .max(longestListText)
    .regex(/^[A-Za-z0-9+/]*={0,2}$/, "must be base64"),
});

/** A status list as the settlement serves it. */
export type StatusListResponse = z.infer<typeof statusListResponseSchema>;
