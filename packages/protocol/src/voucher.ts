import { sha256 } from "@noble/hashes/sha2.js";
import type { Address } from "./address.ts";
import { concatBytes } from "./bytes.ts";
import type { Domain } from "./domain.ts";
import type { PayAnswer } from "./pay-answer.ts";
import type { PayRequest } from "./pay-request.ts";
import { contextHash, type VoucherContext } from "./voucher-context.ts";
import { encodeVoucherMessage, type VoucherMessage } from "./voucher-message.ts";

/** M and D of one payment. */
export interface VoucherParts {
  readonly message: VoucherMessage;
  readonly context: VoucherContext;
}

/**
 * Builds M and D from what was asked and what the card answered (spec §4.5). Only `spent`, `allowanceSeq`, `cvm`, `flags` and
 * `link` come from the card; everything else is the terminal's own, so a changed amount or payee fails the signature.
 */
export function rebuildVoucher(
  domain: Domain,
  request: PayRequest,
  answer: Omit<PayAnswer, "counter" | "signature">,
): VoucherParts {
  const context: VoucherContext = {
    challenge: request.challenge,
    terminalId: request.terminalId,
    time: request.time,
    spent: answer.spent,
    allowanceSeq: answer.allowanceSeq,
    category: request.category,
    cvm: answer.cvm,
    flags: answer.flags,
    link: answer.link,
  };
  const message: VoucherMessage = {
    domain,
    payee: request.payee,
    counter: request.counter,
    amount: request.amount,
    context: contextHash(context),
  };
  return { message, context };
}

/** SHA-256(M): the `link` of the card's next voucher, and its head until then (spec §3.2). Also the digest the card signs. */
export function messageHash(message: VoucherMessage): Uint8Array {
  return sha256(encodeVoucherMessage(message));
}

/** A voucher's id: SHA-256(card address ‖ M), whatever its signature's bytes are (spec §3.0). */
export function voucherId(card: Address, message: VoucherMessage): Uint8Array {
  return sha256(concatBytes(card, encodeVoucherMessage(message)));
}
