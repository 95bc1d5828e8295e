import type { AccessListEntry } from "@tallystick/vault";
import type { Fees } from "../fees.ts";
import type { ActionState } from "./action-states.ts";
import type { SignedTransaction } from "./chain-signer.ts";

/** Signed bytes as a store keeps them, with what they offer. */
export interface StoredTransaction extends SignedTransaction, Fees {
  /** Milliseconds since 1970. */
  readonly storedAt: number;
  /** When a node was given them last; null where that is not known. */
  readonly sentAt: number | null;
}

/** A call that an account is to make. */
export interface ActionCall {
  readonly to: Uint8Array;
  readonly data: Uint8Array;
  /** Wei that go along, the same at each attempt; none where it is left out. */
  readonly value?: bigint;
  /** The same at each attempt. */
  readonly accessList?: readonly AccessListEntry[];
}

/** What shall happen on the chain, and how far it is. A store may keep more beside it. */
export interface ChainAction {
  readonly id: string;
  readonly state: ActionState;
  readonly call: ActionCall;
  /** null until it is reserved. */
  readonly nonce: bigint | null;
  /** Gas that each of its transactions buys; null until it is reserved. */
  readonly gas: bigint | null;
  /**
   * A final block was seen to have used the nonce, and none of the transactions was seen in a
   * block.
   */
  readonly nonceTaken: boolean;
  /**
   * Those of the present nonce, oldest first; at most one of them is ever mined. Those of a nonce
   * that was given up are not among them.
   */
  readonly transactions: readonly StoredTransaction[];
}
