import { z } from "zod";
import { MAX_REQUESTED_STATES, MAX_U32 } from "../bytes/limits.ts";
import { SIGNATURE_LENGTH } from "../bytes/signature-form.ts";
import { MERCHANT_CERTIFICATE_LENGTH } from "../objects/merchant-certificate.ts";
import { MAX_MAILBOX_PAGE_LENGTH } from "../objects/request/mailbox-page.ts";
import { MAX_STATES_REQUEST_LENGTH } from "../objects/request/voucher-states-request.ts";
import { TERMINAL_REQUEST_LENGTH } from "../objects/terminal-request.ts";
import {
  MAX_ACTION_ID_LENGTH,
  MAX_LISTED_REFUNDS,
  MAX_NOTICE_LENGTH,
  MAX_NOTICES,
  MAX_STATE_NAME_LENGTH,
} from "./limits.ts";
import { amountText, hexText, hexTextUpTo, unsignedNumber } from "./values.ts";

/** POST /v1/requests: `TLYW`, the terminal's certificate and the body, in hexadecimal (spec §6.13). */
export const terminalRequestSchema = z.strictObject({
  request: hexText(TERMINAL_REQUEST_LENGTH),
  signature: hexText(SIGNATURE_LENGTH),
  certificate: hexText(MERCHANT_CERTIFICATE_LENGTH),
  certificateSignature: hexText(SIGNATURE_LENGTH),
  body: hexTextUpTo(MAX_STATES_REQUEST_LENGTH),
});

const withdrawalMembers = { withdrawnFrom: unsignedNumber(MAX_U32).optional() };

/**
 * From which second on the asking terminal's certificate is withdrawn (spec §6.13), in answers to its
 * requests and in the refusal of one; left out where it is not.
 */
export const withdrawalMembersSchema = z.object(withdrawalMembers);

/** Where settlement has one voucher; `state` is null for an id that is not of the asking payee. */
export const voucherStateSchema = z.object({
  voucherId: hexText(32),
  state: z.string().max(MAX_STATE_NAME_LENGTH).nullable(),
  code: z.string().max(MAX_STATE_NAME_LENGTH).nullable(),
  batch: z.string().max(MAX_ACTION_ID_LENGTH).nullable(),
  tx: hexText(32).nullable(),
  owes: z.enum(["release", "refund"]).nullable(),
  /** Display units that went back to the card, by final blocks. */
  refunded: amountText.nullable(),
  refunds: z.array(z.strictObject({ amount: amountText, tx: hexText(32) })).max(MAX_LISTED_REFUNDS),
});

/** What keeps the payee's money from reaching it now, and since when, seconds. */
export const moneyNoticeSchema = z.object({
  code: z.string().max(MAX_STATE_NAME_LENGTH),
  message: z.string().max(MAX_NOTICE_LENGTH),
  since: z.int().min(0),
});

/** The answer to a request of kind 2, in the order of its ids. */
export const voucherStatesSchema = z.object({
  states: z.array(voucherStateSchema).min(1).max(MAX_REQUESTED_STATES),
  /** Left out by services that do not try their token. */
  notices: z.array(moneyNoticeSchema).max(MAX_NOTICES).optional(),
  ...withdrawalMembers,
});

/** The answer to a request of kind 3: settlement's chain action for what was ordered. */
export const returnOrderAnswerSchema = z.object({
  id: z.string().max(MAX_ACTION_ID_LENGTH),
  state: z.enum(["planned", "sent", "mined", "final", "failed"]),
  /** The transaction that was mined, or null. */
  tx: hexText(32).nullable(),
});

/** The answer to a request of kind 1: the bytes of a page, for `decodeMailboxPage`. */
export const mailboxAnswerSchema = z.object({
  page: hexTextUpTo(MAX_MAILBOX_PAGE_LENGTH),
  ...withdrawalMembers,
});

/** A terminal's request as it is sent. */
export type TerminalRequestBody = z.infer<typeof terminalRequestSchema>;

/** The answer to a request of kind 1. */
export type MailboxAnswer = z.infer<typeof mailboxAnswerSchema>;

/** Where settlement has one voucher. */
export type VoucherStateAnswer = z.infer<typeof voucherStateSchema>;

/** What keeps a payee's money from reaching it. */
export type MoneyNotice = z.infer<typeof moneyNoticeSchema>;

/** The answer to a request of kind 2. */
export type VoucherStatesAnswer = z.infer<typeof voucherStatesSchema>;

/** The answer to a request of kind 3. */
export type ReturnOrderAnswer = z.infer<typeof returnOrderAnswerSchema>;
