import {
  Problem as AnyProblem,
  type ProblemCodeOf,
  type ProblemExtras,
  ProblemTable,
} from "@tallystick/program/service";

/** Everything the API refuses, by its stable code. */
export const problems = new ProblemTable({
  MALFORMED_BODY: [400, "The request does not have the documented form."],
  REASON_NEEDED: [400, "The call has to say why, in one line."],
  ADDRESS_CHECKSUM: [400, "The address has capitals that do not fit its digits (EIP-55): it may be mistyped."],
  MALFORMED_UPLOAD: [400, "The upload's bytes cannot be decoded."],
  MALFORMED_REQUEST: [400, "The terminal's request cannot be decoded."],
  REQUEST_TIMEOUT: [408, "The request did not arrive in time."],
  MISDIRECTED_HOST: [421, "The service does not have that name."],
  FOREIGN_ORIGIN: [403, "Another web page may not use this service."],
  NOT_THROUGH_PROXY: [403, "This address answers its reverse proxy alone."],
  UNAUTHENTICATED: [401, "This call needs a bearer token, or a session."],
  FORM_TOKEN: [403, "The request does not come from a page of this session."],
  FORBIDDEN: [403, "The caller's role may not do this."],
  NAME_NEEDED: [403, "A person decides this, and the token names none."],
  UPLOAD_UNTRUSTED: [403, "The upload is not signed by a terminal that the issuer certified."],
  REQUEST_UNTRUSTED: [403, "The request is not signed by a terminal that the issuer certified."],
  REQUEST_OUT_OF_TIME: [403, "The request's time is not that of now."],
  CERTIFICATE_NOT_VALID: [403, "The terminal's certificate does not allow this request."],
  NOT_FOUND: [404, "There is no such thing."],
  CARD_UNKNOWN: [404, "This card is not registered."],
  CERTIFICATE_REQUEST_UNKNOWN: [404, "No request for a certificate has this id."],
  METHOD_NOT_ALLOWED: [405, "This path does not answer that method."],
  CARD_EXISTS: [409, "The card is registered with other particulars."],
  REFERENCE_TAKEN: [409, "Another card has this reference."],
  REFERENCE_CLAIMED: [409, "Another station makes the card of this reference."],
  CARD_HAS_MONEY: [409, "The card has money, or a deposit of it is on its way."],
  STATION_NEEDED: [422, "The call has to name its station."],
  CARD_OWNER: [422, "This address cannot own a card."],
  OPENING_SIGNATURE: [422, "The opening is not signed by this card for this owner and vault."],
  ORDER_REPORT_FORM: [422, "The report does not have the form of one, or its sums do not hold."],
  ORDER_REPORT_DOMAIN: [422, "The report is of another chain or vault."],
  ORDER_REPORT_SIGNATURE: [422, "The report is not signed by a terminal that the issuer certified for its time."],
  CARD_REVOKED: [409, "A revoked card stays revoked."],
  FUNDING_RULE: [409, "The allowance exceeds what the vault holds for this card, finally."],
  ALLOWANCE_RANGE: [422, "The allowance has a value out of range."],
  ALLOWANCE_OVERTAKEN: [409, "A newer allowance of the card was stored meanwhile."],
  ISSUER_KEY: [409, "Settlement does not sign with this issuer key."],
  NO_PIN_RESET: [409, "The card has not shown that it took the last new start of its no-PIN sums."],
  CARD_SUSPENDED: [409, "The card is suspended; release it first."],
  CARD_LOST: [409, "The card is reported lost: whoever may set a card's status decides what it is."],
  CARD_REPLACED: [409, "The card has another successor, or the successor replaces another card."],
  OWNER_NOT_ISSUER: [409, "The issuer does not own this card; its owner asks back what is on it."],
  REQUEST_REPEATED: [409, "The request's nonce was used before."],
  RENEWAL_REFUSED: [409, "The certificate is not renewed."],
  REFUND_ORDER_REFUSED: [409, "The vault would not do what was ordered."],
  KEY_REUSED: [409, "This key was used for another request."],
  ACTION_UNDER_WAY: [409, "The action is signed or done; it cannot be given up."],
  DECIDED_ELSEWHERE: [409, "What the action is for decides what becomes of it."],
  NOTHING_OWED: [409, "The vault owes this payee nothing."],
  CERTIFICATE_WITHDRAWN: [409, "The certificates of this terminal were withdrawn."],
  CASE_STANDS: [409, "What opened the case still stands."],
  CASE_RESOLVED: [409, "The case is resolved."],
  PERIOD_CLOSED: [409, "Nothing was booked since the last period was closed."],
  TERMINAL_KEY_TAKEN: [409, "This terminal id of the payee has another key."],
  DIGITS_DIFFER: [409, "These are not the digits of the request."],
  PAYEE_DIFFERS: [409, "This is not the payee of the request, with its checksum."],
  REQUEST_DECIDED: [409, "The request was decided otherwise."],
  PAYEE_UNCONFIRMED: [409, "Nobody has said yet that the payee's first unit came."],
  NOT_WITHHELD: [409, "The voucher is not withheld."],
  PAYMENT_UNDER_WAY: [409, "The voucher's payment is under way."],
  SECOND_PERSON_NEEDED: [409, "Another person has to decide this too."],
  SUM_GREW: [409, "More would be paid than was seen."],
  LAST_PASSKEY: [409, "This passkey is the person's only way in."],
  APPROVAL_OVER: [409, "What was asked for does not wait any more."],
  GROUND_DOES_NOT_HOLD: [409, "The ground does not hold for this voucher."],
  PAYEE_SIGNATURE: [422, "The statement is not signed by the payee."],
  WITHDRAWAL_RANGE: [422, "A withdrawal's time is not past."],
  AMOUNT_RANGE: [422, "The amount is out of range."],
  CERTIFICATE_RANGE: [422, "The certificate has a value out of range."],
  CERTIFICATE_REQUEST_REFUSED: [422, "The request for a certificate is none that can be approved."],
  PERIOD_RANGE: [422, "The period is longer than the documented limit, or ends before it begins."],
  LOG_RANGE: [422, "The ledger's log does not have this size or place."],
  PAYLOAD_TOO_LARGE: [413, "The body is larger than the documented limit."],
  UNSUPPORTED_MEDIA: [415, "Send application/json, or another type that the call names."],
  WRONG_TOKENS: [429, "Too many wrong tokens came from this address."],
  CERTIFICATE_REQUESTS_FULL: [429, "Too many requests for a certificate wait."],
  RECEIPT_QUOTA: [429, "The terminal has brought what it may bring in a day."],
  REQUEST_QUOTA: [429, "The terminal has asked too often."],
  REFUND_QUOTA: [429, "The payee has had its refund orders of a day."],
  LIMIT_REACHED: [429, "A documented limit is reached."],
  KEYS_UNAVAILABLE: [503, "The key that must sign this cannot be reached now; nothing was lost."],
  INSOLVENT: [503, "The vault holds less than it owes: nothing is funded and nothing is allowed."],
  TRANSFERS_STOPPED: [503, "The token refuses this transfer now; nothing was changed."],
  NOT_READY: [503, "Money does not move, or a part does not answer."],
  CHAIN_UNREACHABLE: [503, "The chain's node does not answer; nothing was changed."],
  DATABASE_UNAVAILABLE: [503, "The database does not answer; nothing was changed."],
  LEDGER_CHANGED: [500, "The books no longer match their log; inform the operators."],
  INTERNAL: [500, "Something failed that should not have; nothing is known to have changed."],
});

export type ProblemCode = ProblemCodeOf<typeof problems>;

/**
 * An expected refusal: thrown by features, written by the filter. `detail` says what to do next.
 */
export class Problem extends AnyProblem<ProblemCode> {
  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(problems.kind(code), detail, extras);
  }
}

/** The refusal of a body whose members have faults: one that lacks nothing but its reason has a code of its own. */
export function malformed(detail: string, members: readonly string[]): Problem {
  const onlyReason = members.length === 1 && members[0] === "reason";
  return new Problem(onlyReason ? "REASON_NEEDED" : "MALFORMED_BODY", detail);
}
