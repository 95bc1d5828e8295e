/**
 * What an action waits for:
 *
 * - `WAITING_FOR_ACTIONS`: another action must be mined first.
 * - `WAITING_FOR_CHAIN`: it is sent, and waits for its block.
 * - `WAITING_FOR_EARLIER`: an earlier nonce of the account is not mined; no fee brings this one
 *   forward.
 * - `FEES_TOO_HIGH`: the chain asks more than the policy allows, or it was replaced often enough.
 * - `NONCE_USED`: another transaction seems to have used its nonce; that is checked once more.
 * - `NO_GAS`: the account cannot pay.
 * - `NO_TOKENS`: the account does not hold the tokens that the call moves.
 * - `MONEY_STOPPED`: money that it would bind is not there or does not move; it goes on by itself.
 * - `CARD_STOPPED`: the card that it is for is lost or revoked; a person decides.
 * - `NODE_REFUSED`: the node does not take the bytes; they are sent again.
 * - `UNPROVEN_REVERT`: a simulation says that the call is undone, and the same call at a fixed block
 *   says that it is not; it is simulated again.
 */
export const waitCodes = [
  "WAITING_FOR_ACTIONS",
  "WAITING_FOR_CHAIN",
  "WAITING_FOR_EARLIER",
  "FEES_TOO_HIGH",
  "NONCE_USED",
  "NO_GAS",
  "NO_TOKENS",
  "MONEY_STOPPED",
  "CARD_STOPPED",
  "NODE_REFUSED",
  "UNPROVEN_REVERT",
] as const;

export type WaitCode = (typeof waitCodes)[number];

/** Why a store lets an action have no nonce yet. */
export type ReasonToWait = Extract<WaitCode, "WAITING_FOR_ACTIONS" | "NO_TOKENS" | "MONEY_STOPPED" | "CARD_STOPPED">;
