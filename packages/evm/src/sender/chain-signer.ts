import type { AccessListEntry } from "@tallystick/vault";
import type { Fees } from "../fees.ts";

/** One EIP-1559 transaction; all fees in wei. */
export interface UnsignedTransaction extends Fees {
  readonly chainId: bigint;
  readonly nonce: bigint;
  readonly to: Uint8Array;
  readonly data: Uint8Array;
  readonly gas: bigint;
  /** Wei that go along; none where it is left out. */
  readonly value?: bigint;
  readonly accessList: readonly AccessListEntry[];
}

/** Signed bytes that have not been sent. */
export interface SignedTransaction {
  readonly raw: Uint8Array;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/**
 * Signs for the one account that sends: a key in memory, or in an HSM behind
 * the same port.
 */
export interface ChainSigner {
  /** 20 bytes. */
  readonly address: Uint8Array;
  sign(transaction: UnsignedTransaction): Promise<SignedTransaction>;
  /** What signed bytes say; for stores that keep the bytes alone. */
  read(raw: Uint8Array): UnsignedTransaction;
}
