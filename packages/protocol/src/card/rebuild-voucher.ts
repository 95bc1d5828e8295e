import type { VoucherParts } from "../objects/voucher.ts";
import type { PayRequest } from "../objects/pay-request.ts";
import { contextHash, type VoucherContext } from "../objects/voucher-context.ts";
import type { VoucherMessage } from "../objects/voucher-message.ts";
import type { Domain } from "../parties/domain.ts";
import type { PayAnswer } from "./pay-answer.ts";

/**
 * Builds M and D from what was asked and what the card answered (spec §4.5). Only `spent`,
 * `allowanceSeq`, `cvm`, `flags` and `link` come from the card; everything else is the terminal's
 * own, so a changed amount or payee fails the signature.
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
