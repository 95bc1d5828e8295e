import type { Address } from "@tallystick/protocol";

/** A call that the payee's account is to make. */
export interface PayeeCall {
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

/** A voucher by what the vault pays it for. */
export interface PaidVoucher {
  readonly payee: Uint8Array;
  readonly card: Uint8Array;
  readonly counter: number;
  readonly amount: bigint;
  readonly context: Uint8Array;
}

/**
 * The chain as a payee that gives money back needs it: views of vault and token, and transactions whose signing and sending are
 * apart, so that the signed bytes can be stored in between. Every call may throw ClaimError RPC_UNREACHABLE.
 */
export interface PayeeChain {
  /** Address of the key. */
  readonly account: Address;
  readonly vault: Address;
  chainId(): Promise<bigint>;
  isUsed(card: Uint8Array, counter: number): Promise<boolean>;
  /** Whether this transaction settled exactly this voucher. */
  paidBy(tx: string, voucher: PaidVoucher): Promise<boolean>;
  /** Units that the vault owes the account. */
  earnings(): Promise<bigint>;
  /** The vault's token; what the account holds of it and lets the vault pull, in base units. */
  funds(): Promise<{ readonly token: Uint8Array; readonly held: bigint; readonly allowed: bigint }>;
  /** The account's next nonce, counting what waits for a block. */
  nextNonce(): Promise<number>;
  /** How many nonces the account has used for ever. */
  finalNonce(): Promise<number>;
  /** Tries a call and signs it; `refusal` is the contract's own word where it would be undone. Throws ClaimError NO_GAS. */
  sign(
    call: PayeeCall,
    nonce: number,
  ): Promise<{ readonly ok: true; readonly signed: SignedCall } | { readonly ok: false; readonly refusal: string }>;
  /** Sends signed bytes, as often as one likes: what the node says of them is no answer, only the receipt is. */
  send(raw: Uint8Array): Promise<void>;
  receipt(hash: string): Promise<CallReceipt>;
  close(): void;
}
