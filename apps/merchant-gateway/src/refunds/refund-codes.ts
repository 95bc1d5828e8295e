/** What keeps a refund from its end, or why it was refused, with a sentence for people. */
const sentences = {
  WAITING_FOR_CARD: "Nobody knows yet whether the card paid. When it comes back, its value is given up for it.",
  WAITING_FOR_UPLOAD:
    "The payment goes to settlement with the next upload, together with the word that nothing was given.",
  WAITING_FOR_BATCH: "The payment is on its way to the chain. As soon as it is paid, it is given back.",
  WAITING_FOR_CHAIN: "The transaction is signed and sent; it waits for its block, or for its block to become final.",
  WAITING_FOR_EARLIER:
    "An earlier transaction of the payee's account is not in a block yet; this one follows it. Look at that account where it stays so.",
  FEES_TOO_HIGH:
    "The chain asks more for a transaction than this till may offer. It waits for quieter hours, or for a higher maxFeeGwei.",
  NODE_REFUSED: "The chain's node does not take the transaction; it is sent again.",
  NONCE_USED: "Another transaction of the payee's account took this one's place; it is made anew.",
  PAYMENT_UNCLEAR:
    "The chain has used this payment's number, and does not tell for what. Exchange with settlement first.",
  PAYMENT_NOT_ON_CHAIN: "Settlement says that this was paid, but the node does not show it yet.",
  NOT_PAYEE_KEY: "The configured key is not the payee's, so it cannot give money back.",
  RPC_UNREACHABLE: "The chain's node does not answer; it is tried again.",
  WRONG_CHAIN: "The configured node is of another chain.",
  NO_GAS: "The payee's account cannot pay for the transaction. Send it some of the chain's own coin.",
  PAYING_KEY_UNREADABLE: "The file with the payee's key cannot be read.",
  SHORT_OF_FUNDS: "Neither the shop's unpaid earnings nor its account hold enough to give this back.",
  REFUSED_BY_VAULT: "The vault or its token refuses to take this back.",
  REVERTED: "The chain undid the transaction several times. Nothing was given back.",
} as const;

export type RefundCode = keyof typeof sentences;

/** The sentence that belongs to a refund's code. */
export function refundSentence(code: string): string {
  return code in sentences ? sentences[code as RefundCode] : code;
}
