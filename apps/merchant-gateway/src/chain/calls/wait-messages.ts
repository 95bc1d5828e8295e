import type { WaitCode } from "@tallystick/evm";

/** What a call of the terminal's key waits for, with a message for people. */
export const waitMessages = {
  WAITING_FOR_ACTIONS: "Another transaction must be in a block first; this one follows it.",
  WAITING_FOR_CHAIN: "The transaction is signed and sent; it waits for its block, or for its block to become final.",
  WAITING_FOR_EARLIER:
    "An earlier transaction of the same account is not in a block yet; this one follows it. Check that account if it stays so.",
  FEES_TOO_HIGH:
    "The chain asks more for a transaction than this terminal may offer. It waits for quieter hours, or for a higher maxFeeGwei.",
  NODE_REFUSED: "The chain's node does not take the transaction; it is sent again.",
  UNPROVEN_REVERT:
    "The chain's node says that the transaction would be undone, and then that it would not; it is tried again.",
  NONCE_USED: "Another transaction of the same account took this one's place; it is made again.",
  NO_GAS: "The account of the key cannot pay for the transaction. Send it some of the chain's own coin.",
  MONEY_STOPPED: "Money does not move at the moment. It goes on by itself.",
  CARD_STOPPED: "The card is lost or revoked: a person decides.",
  NO_TOKENS: "The account of the key does not hold the tokens that the transaction moves. Send it some.",
} as const satisfies Readonly<Record<WaitCode, string>>;
