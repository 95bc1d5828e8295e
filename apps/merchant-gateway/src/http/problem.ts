import {
  Problem as HouseProblem,
  problemRule,
  ProblemFilter,
  type ProblemCodeOf,
  type ProblemExtras,
  ProblemTable,
} from "@tallystick/program/service";
import { ChainError } from "../chain/chain-error.ts";
import { DoorError } from "../doors/door-error.ts";
import { RefundError } from "../refunds/refund-error.ts";
import { WebhookError } from "../webhooks/webhook-error.ts";
import { ReportError } from "../reports/report-error.ts";
import { SaleError } from "../sales/sale-error.ts";
import { TapError } from "../taps/tap-error.ts";

/** Everything the API refuses. */
export const problems = new ProblemTable({
  MALFORMED_REQUEST: [400, "The request does not have the documented form."],
  IDEMPOTENCY_KEY_MALFORMED: [400, "The Idempotency-Key does not have the documented form."],
  AMOUNT_REFUSED: [400, "The amount cannot be taken."],
  CURRENCY_NOT_SERVED: [400, "This terminal does not take that currency."],
  LANE_UNKNOWN: [400, "This terminal has no such lane."],
  UNAUTHENTICATED: [401, "This terminal needs a token."],
  PAIRING_NEEDED: [401, "This device is not paired."],
  PAIRING_CODE_WRONG: [401, "No such code is shown at the box."],
  PERSON_NEEDED: [401, "Somebody has to sign in."],
  PIN_WRONG: [401, "Name and PIN do not fit."],
  ROLE_TOO_LOW: [403, "Who is signed in may not do this."],
  FOREIGN_ORIGIN: [403, "Another web page may not use this terminal."],
  NOT_THROUGH_PROXY: [403, "This terminal answers its reverse proxy alone."],
  NOT_FOUND: [404, "There is no such thing."],
  WEBHOOK_UNKNOWN: [404, "No endpoint has this name."],
  DELIVERY_UNKNOWN: [404, "No message has this number."],
  REPORT_UNKNOWN: [404, "No report has this number."],
  DEVICE_UNKNOWN: [404, "No paired device has this id."],
  SALE_UNKNOWN: [404, "No sale has this id."],
  TAP_UNKNOWN: [404, "No tap has this id."],
  METHOD_NOT_ALLOWED: [405, "This path does not answer that method."],
  TAP_IN_PROGRESS: [409, "The lane is taking another payment."],
  IDEMPOTENCY_KEY_REUSED: [409, "The Idempotency-Key named another call before."],
  IDEMPOTENCY_KEY_IN_USE: [409, "A call with this Idempotency-Key is being carried out."],
  SALE_AMOUNT_DIFFERS: [409, "The sale is known with another amount."],
  SALE_DIFFERS: [409, "The sale is known with other terms."],
  SALE_PAID: [409, "The sale is paid."],
  SALE_REVERSED: [409, "The sale was reversed."],
  SALE_NOT_PAID: [409, "No card was asked to pay the sale."],
  SALE_IN_PROGRESS: [409, "A card is awaited for the sale."],
  WEBHOOK_DISABLED: [409, "The endpoint wants nothing any more."],
  REPORT_OUT_OF_TURN: [409, "The next report has another number."],
  READER_TAKEN: [409, "Another lane has this reader."],
  TAP_NOT_OPEN: [409, "There is nothing to reverse."],
  TAP_FINAL: [409, "The payment is final."],
  CHAIN_NOT_CONFIGURED: [409, "This terminal has no way to the chain."],
  NOT_PAYEE_KEY: [409, "The key is not the payee's."],
  PAYING_KEY_UNREADABLE: [409, "The payee's key cannot be read."],
  WRONG_CHAIN: [409, "The configured node is of another chain."],
  REFUND_ABOVE_PAYMENT: [409, "More would be given back than was paid."],
  REFUND_DIFFERS: [409, "The refund is known with another amount."],
  REFUND_WHOLE_ONLY: [409, "This payment can only be given back as a whole."],
  ALREADY_REFUNDED: [409, "The payment was given back."],
  ALREADY_PAID: [409, "The payment is on the chain."],
  NOT_PAID_YET: [409, "The payment is not on the chain."],
  REFUND_REFUSED: [409, "The chain refuses the refund."],
  VOUCHER_UNKNOWN: [404, "No payment of this terminal has this voucher."],
  NO_SETTLEMENT: [409, "This terminal has no settlement to send to."],
  DEVICES_FULL: [409, "As many devices are paired as can be."],
  BODY_TOO_LARGE: [413, "The body is larger than the documented limit."],
  UNSUPPORTED_MEDIA: [415, "Send application/json."],
  MISDIRECTED_HOST: [421, "This terminal does not have that name."],
  WRONG_TOKENS: [429, "Too many wrong tokens came from this address."],
  PIN_LOCKED: [429, "Too many wrong PINs of this person."],
  PAIRING_SLOWED: [429, "Too many wrong codes came from this address."],
  RPC_UNREACHABLE: [503, "The chain's node does not answer; nothing was sent."],
  NO_GAS: [409, "The payee's account cannot pay for a transaction."],
  REVERTED: [409, "The chain undid the transaction."],
  FEES_TOO_HIGH: [409, "The chain asks more for a transaction than this terminal may offer."],
  CLAIM_WAITING: [503, "A transaction of this terminal is in no block yet."],
  STREAMS_FULL: [503, "Too many listen to the sales already."],
  NOT_READY: [503, "The terminal cannot sell now."],
  SETTLEMENT_UNREACHABLE: [503, "Settlement does not answer; nothing is lost."],
  INTERNAL: [500, "Something failed that should not have."],
});

export type ProblemCode = ProblemCodeOf<typeof problems>;

/** An expected refusal of a request; its message says what to do next. */
export class Problem extends HouseProblem<ProblemCode> {
  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(problems.kind(code), detail, extras);
  }
}

/**
 * Answers whatever was thrown as a problem. The errors of taps, refunds and the chain have codes of
 * this table.
 */
export function createProblemFilter(): ProblemFilter<ProblemCode> {
  const byCode = ({ code, message }: TapError | SaleError | RefundError | ReportError | WebhookError | ChainError) => ({
    code,
    detail: message,
  });
  return new ProblemFilter<ProblemCode>({
    table: problems,
    malformed: "MALFORMED_REQUEST",
    byStatus: { 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "BODY_TOO_LARGE", 415: "UNSUPPORTED_MEDIA" },
    unexpected: {
      code: "INTERNAL",
      detail: "Try again; repeating a sale by its id never pays twice. The gateway's log names the error.",
    },
    rules: [
      problemRule(DoorError, ({ code, message, retryAfterSeconds }) => ({
        ...{ code, detail: message },
        ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
      })),
      problemRule(TapError, byCode),
      problemRule(SaleError, byCode),
      problemRule(RefundError, byCode),
      problemRule(ReportError, byCode),
      problemRule(WebhookError, byCode),
      problemRule(ChainError, byCode),
    ],
  });
}
