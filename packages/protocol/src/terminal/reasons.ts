/**
 * Why a tap is refused or left open (spec §5.6). Codes are stable; each has one sentence that a
 * cashier can act on. They are in the order in which a terminal asks them.
 */
const sentences = {
  // The reader and the card before any decision.
  NO_READER: "No card reader is connected. Plug it in and try again.",
  NO_CARD: "No card is on the reader. Hold the card to it and try again.",
  CARD_NOT_TALLYSTICK: "This is not a payment card of this kind. Ask for another card.",
  CARD_ANSWER_MALFORMED: "The card answered something unreadable. Try once more, then ask for another card.",
  CARD_NOT_PERSONALIZED: "This card has not been issued yet. Ask for another card.",
  CARD_SUSPENDED: "The issuer has suspended this card. Ask for another way to pay.",
  CARD_TERMINATED: "This card has been ended by its issuer. Ask for another way to pay.",
  DOMAIN_NOT_SERVED: "This card holds a currency that this merchant does not take. Ask for another card.",

  // The allowance.
  CARD_KEY_INVALID: "The card's key is not valid. Do not accept this card.",
  ISSUER_KEY_UNKNOWN: "The card's issuer is not known to this terminal. Ask for another card.",
  ALLOWANCE_SIGNATURE_WRONG: "The issuer's signature on this card is wrong. Do not accept this card.",

  // The clock, the validity and the status list.
  CLOCK_UNCONFIRMED: "The terminal's clock has not been confirmed since it started. Connect it to the network once.",
  CLOCK_BELOW_FLOOR: "The terminal's clock is behind a time it has already seen. Set the clock, then try again.",
  CLOCK_AHEAD: "The terminal's clock is ahead of the right time. Set the clock, then try again.",
  CLOCK_BEHIND: "The terminal's clock is behind the right time. Set the clock, then try again.",
  CERTIFICATE_WITHDRAWN:
    "The issuer has withdrawn this terminal's certificate, so nothing more is sold with it. Ask the issuer; what was sold before stays paid and is still sent.",
  CERTIFICATE_NOT_VALID: "This terminal's certificate is not valid now. Call the merchant's support.",
  ALLOWANCE_NOT_YET_VALID: "This card may not be used yet. Ask for another way to pay.",
  ALLOWANCE_EXPIRED: "This card's allowance has run out of time. The cardholder must renew it online.",
  STATUS_LIST_MISSING: "The terminal holds no list of blocked cards. Connect it to the network once.",
  STATUS_LIST_TOO_OLD: "The terminal's list of blocked cards is too old. Connect it to the network.",
  CARD_NOT_IN_LIST: "This card is newer than the terminal's list of cards. Connect the terminal to the network.",
  STATUS_SUSPENDED: "The issuer has suspended this card. Ask for another way to pay.",
  STATUS_REVOKED: "The issuer has revoked this card. Ask for another way to pay.",
  STATUS_LOST: "This card has been reported lost. Do not accept it.",

  // The policy and the terminal's own limits.
  ASSURANCE_CLASS_REFUSED: "This merchant does not take this kind of card without a network. Ask for another card.",
  SOFTWARE_NOT_GUARANTEED: "A payment by software of this sum is only taken online. Ask for another way to pay.",
  CATEGORY_NOT_ALLOWED: "This card may not be used at this kind of merchant. Ask for another way to pay.",
  TERMINAL_PER_TAP: "The amount is above what this terminal may take in one payment. Ask for another way to pay.",
  TERMINAL_UNSENT_SUM: "This terminal holds too much unsent money. Connect it to the network.",
  TERMINAL_UNSENT_COUNT: "This terminal holds too many unsent payments. Connect it to the network.",
  TERMINAL_UNSENT_AGE: "This terminal holds a payment that has waited too long. Connect it to the network.",
  TERMINAL_CARD_SUM:
    "This terminal already holds as much of this card as it may. Connect it to the network, or ask for another way to pay.",

  // What the card refuses (spec §4.6).
  CARD_STATE: "The card does not pay in its present state. Ask for another way to pay.",
  CARD_VALIDITY: "The card says that its allowance is not valid now. The cardholder must renew it online.",
  CARD_CATEGORY: "The card refuses this kind of merchant. Ask for another way to pay.",
  CARD_PER_TAP: "The amount is above what this card pays at once. Ask for a smaller amount or another way to pay.",
  CARD_COUNTER_CAP: "The card has made all the payments it may make offline. The cardholder must renew it online.",
  CARD_SPENDING_CAP: "There is not enough left on the card. Ask for a smaller amount or another way to pay.",
  CARD_PIN_NEEDED:
    "The card wants its PIN for this payment. Let the cardholder enter it and hold the card to the reader again.",
  CARD_OUT_OF_TURN: "The card has paid elsewhere since it was read. Hold it to the reader again.",
  CARD_WRONG_CARD: "Another card was held to the reader. Hold the first card to it again.",
  CARD_ALLOWANCE_NOT_NEWER: "The card already holds this allowance or a newer one. Nothing needs to be done.",
  CARD_SIGNATURE_WRONG:
    "The card refuses what was sent to it because its signature is wrong. Fetch it again from the issuer.",
  CARD_CERTIFICATE_NEEDED:
    "The card pays only merchants that show it their certificate. Enter the merchant's certificate at this terminal, or ask for another way to pay.",
  CARD_WRONG_PIN: "The PIN was wrong. Try again.",
  CARD_PIN_BLOCKED: "The card's PIN is blocked. The cardholder must unblock it with the issuer.",
  CARD_REFUSED: "The card refused the command. Try once more, then ask for another card.",

  // A tap that is neither done nor refused.
  TAP_TORN: "The card was taken away too early. Hold the same card to the reader again: nobody pays twice.",
  TAP_UNRESOLVED: "It is not known yet whether the card paid. Hold the same card to the reader again.",
  NOTHING_HAPPENED: "The earlier payment of this card did not happen. Take the payment again.",
  PAID_TOO_LATE: "This payment was read from the card too late to be paid out. It is reversed.",

  // After PAY: what the voucher must be.
  VOUCHER_SIGNATURE_WRONG: "The card's signature is wrong. Nothing has been paid. Do not accept this card.",
  CONTEXT_MISMATCH: "The payment's details do not belong to it. Do not accept it.",
  COUNTER_MISMATCH: "The card lied about its number of payments. Do not accept this card.",
  SPENT_MISMATCH: "The card lied about what it has spent. Do not accept this card.",
  SEQ_MISMATCH: "The card paid under another allowance than it showed. Do not accept this card.",
  LINK_MISMATCH: "The card's payments do not follow one another. Do not accept this card.",
  CVM_MISMATCH: "The card claims a PIN check that did not happen here. Do not accept this card.",
  COUNTER_USED_TWICE:
    "This card has given one payment number twice: it has been copied. Keep the evidence and do not accept it.",
  SIGHTING_MISMATCH: "This card contradicts what this terminal saw of it before. Do not accept this card.",

  // After PAY: the allowance's caps, which an honest card keeps by itself.
  OVER_VALIDITY: "The card paid outside its allowance's time. Do not accept this card.",
  OVER_CATEGORY: "The card paid at a kind of merchant that its allowance excludes. Do not accept this card.",
  OVER_PER_TAP: "The card paid more at once than its allowance permits. Do not accept this card.",
  OVER_NO_PIN: "The card paid without the PIN that its allowance demands. Do not accept this card.",
  OVER_COUNTER: "The card made more payments than its allowance permits. Do not accept this card.",
  OVER_MAX_SPENT: "The card spent more than its allowance permits. Do not accept this card.",
} as const;

/** A stable code that says why a tap was not accepted. */
export type ReasonCode = keyof typeof sentences;

/** The codes of the card's own refusals. */
export type CardRefusalCode = Extract<ReasonCode, `CARD_${string}`>;

/** Every reason code in the order in which a terminal asks. */
export const reasonCodes: readonly ReasonCode[] = Object.freeze(Object.keys(sentences)) as readonly ReasonCode[];

/** The sentence for the cashier. */
export function cashierSentence(code: ReasonCode): string {
  return sentences[code];
}

/** True for a string that is a reason code. */
export function isReasonCode(value: unknown): value is ReasonCode {
  return typeof value === "string" && Object.hasOwn(sentences, value);
}

/** The card's refusals by status word (spec §4.6). */
export const refusalByStatusWord: ReadonlyMap<number, CardRefusalCode> = new Map<number, CardRefusalCode>([
  [0x9e01, "CARD_STATE"],
  [0x9e02, "CARD_VALIDITY"],
  [0x9e03, "CARD_CATEGORY"],
  [0x9e04, "CARD_PER_TAP"],
  [0x9e05, "CARD_COUNTER_CAP"],
  [0x9e06, "CARD_SPENDING_CAP"],
  [0x9e07, "CARD_PIN_NEEDED"],
  [0x9e08, "CARD_OUT_OF_TURN"],
  [0x9e09, "CARD_WRONG_CARD"],
  [0x9e0a, "CARD_ALLOWANCE_NOT_NEWER"],
  [0x9e0b, "CARD_SIGNATURE_WRONG"],
  [0x9e0c, "CARD_CERTIFICATE_NEEDED"],
  [0x6983, "CARD_PIN_BLOCKED"],
]);

/**
 * The reason for a status word that is not 9000. 63Cx is a wrong PIN with x tries left; whatever is
 * not in the table is CARD_REFUSED, and the status word itself belongs beside it in the record.
 */
export function reasonOfStatusWord(statusWord: number): CardRefusalCode {
  if ((statusWord & 0xfff0) === 0x63c0) return "CARD_WRONG_PIN";
  return refusalByStatusWord.get(statusWord) ?? "CARD_REFUSED";
}
