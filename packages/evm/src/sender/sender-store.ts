import type { Fees } from "../fees.ts";
import type { ChainReceipt } from "../rpc/chain-rpc.ts";
import type { ChainAction } from "./chain-action.ts";
import type { SignedTransaction } from "./chain-signer.ts";
import type { ReasonToWait } from "./wait-codes.ts";

/** Bytes that a store is to keep before anybody is given them. */
export interface Signed extends SignedTransaction, Fees {}

/** What a change of state brings along. */
export type ActionChange =
  | { readonly to: "refused"; readonly code: RefusalCode; readonly detail: string }
  | { readonly to: "broadcast"; readonly dropped: boolean }
  | { readonly to: "mined" | "final" | "failed"; readonly receipt: ChainReceipt };

/**
 * Why an action is never sent: it would be undone, or it needs more gas than one transaction may
 * use.
 */
export type RefusalCode = "SIMULATION" | "GAS_LIMIT";

/**
 * Where actions and their signed bytes are kept. Every write is one transaction of the store,
 * durable when it resolves, and names the state it expects: it resolves to null, and writes
 * nothing, where another process has moved the action since it was read. What it resolves to is the
 * action as it is afterwards. `testing` has a store in memory and the conformance suite.
 */
export interface SenderStore<Action extends ChainAction = ChainAction> {
  load(id: string): Promise<Action | null>;
  /**
   * Why this one may not have a nonce yet: another action must be mined first, the account lacks the
   * tokens that it moves, or such actions are stopped. Null where nothing stands in its way.
   */
  reasonToWait(action: Action): Promise<ReasonToWait | null>;
  /**
   * Which count of the chain `reserve` needs: `latest` or `pending` where the account's next nonce
   * is not known to the store alone, null where it is.
   */
  nonceSource(action: Action): Promise<"latest" | "pending" | null>;
  /**
   * `planned → reserved`: gives the action the account's next nonce, which is never below
   * `chainNonce` and never one that an open action of the store has. Two actions never get the same
   * one.
   */
  reserve(action: Action, grant: { readonly gas: bigint; readonly chainNonce: bigint | null }): Promise<Action | null>;
  /** `reserved → signed`, together with the first bytes. */
  keepFirst(action: Action, signed: Signed, at: number): Promise<Action | null>;
  /**
   * Keeps bytes that replace the newest ones. null also where another process has kept some since
   * the action was read.
   */
  keepReplacement(action: Action, signed: Signed, at: number): Promise<Action | null>;
  /** A node was given these bytes. Loss of it only means that they are sent once more. */
  markSent(action: Action, hash: Uint8Array, at: number): Promise<Action>;
  /** Any other edge of the table. */
  move(action: Action, change: ActionChange, at: number): Promise<Action | null>;
  /** Keeps whether the nonce was seen as used by another transaction, until the next check. */
  suspectNonce(action: Action, taken: boolean, at: number): Promise<Action | null>;
  /**
   * The nonce was finally used by another transaction. A store whose actions go on takes it to
   * `planned`, with the account's next nonce at least `chainNonce`; one whose application decides
   * leaves it as it is.
   */
  giveUpNonce(action: Action, chainNonce: bigint, at: number): Promise<Action | null>;
}
