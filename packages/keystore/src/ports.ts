import type { Address, Signer } from "@tallystick/protocol";

/** r ‖ s of 64 bytes with low s, and which of the two keys that fit has signed. */
export interface RecoverableSignature {
  readonly signature: Uint8Array;
  readonly recovery: 0 | 1;
}

/**
 * A secp256k1 key that signs, wherever it is held: for objects of the protocol as `Signer`, for
 * transactions of the chain by `signRecoverably`. What an HSM signed was verified before it is answered.
 */
export interface SigningKey extends Signer {
  /** Of the account on the chain, 20 bytes. */
  readonly address: Address;
  /** Signs a digest of 32 bytes. Rejects with ProtocolError for another length, and KeystoreError. */
  readonly signRecoverably: (digest: Uint8Array) => Promise<RecoverableSignature>;
}

/**
 * An AES master key from which the keys of cards are derived, wherever it is held. The derived keys
 * come out, as they are needed in memory while a channel is opened; the master key never does.
 */
export interface CardMasterKey {
  /** Bytes of the key: 16, 24 or 32. */
  readonly bytes: number;
  /** AES of 16 × 01, first three bytes: names the key without showing it. */
  readonly checkValue: Uint8Array;
  /** AES-CMAC (RFC 4493) of a message of 1 to 256 bytes; 16 bytes. Rejects with RangeError and KeystoreError. */
  readonly cmac: (message: Uint8Array) => Promise<Uint8Array>;
}
