import type { Address } from "@tallystick/protocol";
import type { SettledItem } from "@tallystick/vault";
import type { Fees, MarketFees } from "./fees.ts";

/** A call that the account is to make. */
export interface AccountCall {
  readonly to: Uint8Array;
  readonly data: Uint8Array;
}

/** A signed transaction that has not been sent. */
export interface SignedCall {
  readonly raw: Uint8Array;
  /** 0x hex. */
  readonly hash: string;
}

/** Where a transaction stands; null where the node does not show it in a block. */
export type CallReceipt = { readonly block: number; readonly succeeded: boolean; readonly final: boolean } | null;

/** What a node did not take; null where it has the transaction, or where only its receipt can tell. */
export type SendFault = { readonly code: "NO_GAS" | "NODE_REFUSED"; readonly detail: string } | null;

/**
 * The chain as a terminal with a key of its own needs it: views of vault and token, and transactions whose signing and sending are
 * apart, so that the signed bytes can be stored in between. Every call may throw ChainError RPC_UNREACHABLE.
 */
export interface VaultChain {
  /** Address of the key. */
  readonly account: Address;
  readonly vault: Address;
  chainId(): Promise<bigint>;
  /** Whether the vault has paid, released or voided this counter. */
  isUsed(card: Uint8Array, counter: number): Promise<boolean>;
  /** What a transaction settled in this vault, item by item; nothing where it did not, or is in no block. */
  settledBy(tx: string): Promise<readonly SettledItem[]>;
  /** Units that the vault owes a payee. */
  owed(payee: Uint8Array): Promise<bigint>;
  /** The vault's token; what the account holds of it and lets the vault pull, in base units. */
  funds(): Promise<{ readonly token: Uint8Array; readonly held: bigint; readonly allowed: bigint }>;
  /** The account's next nonce, counting what waits for a block. */
  nextNonce(): Promise<number>;
  /** How many nonces the account has used in the newest block. */
  minedNonce(): Promise<number>;
  /** How many nonces the account has used for ever. */
  finalNonce(): Promise<number>;
  marketFees(): Promise<MarketFees>;
  /** Tries a call and signs it; `refusal` is the contract's own word where it would be undone. Throws ChainError NO_GAS. */
  sign(
    call: AccountCall,
    nonce: number,
    fees: Fees,
  ): Promise<{ readonly ok: true; readonly signed: SignedCall } | { readonly ok: false; readonly refusal: string }>;
  /** Signs the same call with the same nonce for other fees. */
  signAgain(raw: Uint8Array, fees: Fees): Promise<SignedCall>;
  /** What a signed transaction offers. */
  feesOf(raw: Uint8Array): Fees;
  /** Sends signed bytes, as often as one likes: only the receipt says what became of them. */
  send(raw: Uint8Array): Promise<SendFault>;
  receipt(hash: string): Promise<CallReceipt>;
  close(): void;
}
