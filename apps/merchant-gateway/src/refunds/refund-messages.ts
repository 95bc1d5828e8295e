import { waitMessages } from "../chain/calls/wait-messages.ts";

/** What keeps a refund from its end, or why it was refused, with a message for people. */
const messages = {
  ...waitMessages,
  WAITING_FOR_CARD: "Nobody knows yet whether the card paid. When it comes back, its value is returned to it.",
  WAITING_FOR_UPLOAD: "The payment goes to settlement with the next upload, together with its reversal.",
  WAITING_FOR_BATCH: "The payment is on its way to the chain. As soon as it is paid, it is given back.",
  PAYMENT_UNCLEAR:
    "The chain has used this payment's counter, and does not show for what. Exchange with settlement first.",
  PAYMENT_NOT_ON_CHAIN:
    "Settlement shows this payment as paid, but the node does not show it yet. It is checked again.",
  NOT_PAYEE_KEY: "The configured key is not the payee's, so it cannot give money back. Name the payee's key file.",
  RPC_UNREACHABLE: "The chain's node does not answer; it is tried again.",
  WRONG_CHAIN: "The configured node is of another chain. Correct its address.",
  PAYING_KEY_UNREADABLE:
    "The file with the payee's key cannot be read. Check its path, and that its owner alone may read it.",
  WAITING_FOR_ORDER: "An earlier refund of this payment is under way; this one follows it.",
  WAITING_FOR_SETTLEMENT: "Settlement sends this refund to the chain; it is asked again when it answers.",
  NOT_DELEGATE:
    "The payee has not made this terminal its delegate. When that is done (the command delegate prints how), the refund goes on.",
  OVER_DAY_LIMIT:
    "This terminal may give back no more today. The refund goes on tomorrow, or when the payee raises the limit.",
  SHORT_OF_EARNINGS:
    "The vault holds too little of the merchant's earnings for this refund. It goes on when more comes in; set a reserve so that it stays.",
  VAULT_REFUSES: "The vault does not do this now, for the reason in brackets. It is tried again.",
  MORE_THAN_LEFT: "More would be given back than was paid, by what the vault shows. Nothing was ordered.",
  ORDER_EXPIRED:
    "The vault did not take the refund until its deadline, several times. Nothing was given back; refund again.",
  SHORT_OF_FUNDS:
    "Neither the merchant's unpaid earnings nor its account hold enough to give this back. Put more into the account, then refund again.",
  REFUSED_BY_VAULT:
    "The vault or its token refuses this refund, for the reason in brackets. Refund again when that has passed.",
  REVERTED:
    "The chain undid the transaction several times. Nothing was given back; check the payee's account, then refund again.",
} as const;

export type RefundCode = keyof typeof messages;

/** The message that belongs to a refund's code. */
export function refundMessage(code: string): string {
  return code in messages ? messages[code as RefundCode] : code;
}
