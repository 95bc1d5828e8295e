import type { Address } from "@tallystick/protocol";

/** A card's signature as the vault takes it: r, and s with the parity in its top bit (spec §7.1). */
export interface VaultSignature {
  readonly r: Uint8Array;
  readonly vs: Uint8Array;
}

/** What a shop needs of the vault to be paid without anybody's help; an RPC and a paying key behind it. */
export interface VaultPort {
  /** Address of the paying key. */
  readonly payer: Address;
  chainId(): Promise<bigint>;
  /** Whether the vault has paid, released or voided this counter. */
  isUsed(card: Address, counter: number): Promise<boolean>;
  /** Units that the vault owes a payee. */
  owed(payee: Address): Promise<bigint>;
  /** Sends a payload; answers for each of its items whether it was paid. */
  settle(payload: Uint8Array, items: number): Promise<{ readonly tx: string; readonly paid: readonly boolean[] }>;
  /** Pays out what a payee has earned, to the payee. */
  withdraw(payee: Address): Promise<string>;
  /** Gives a counter up for nothing; only the payee's own key may. */
  release(message: Uint8Array, signature: VaultSignature): Promise<string>;
}

/** Why the chain did not do what was asked. */
export class ClaimError extends Error {
  override readonly name = "ClaimError";
  readonly code: "RPC_UNREACHABLE" | "WRONG_CHAIN" | "REVERTED" | "NO_GAS" | "PAYING_KEY_UNREADABLE";

  constructor(code: ClaimError["code"], message: string) {
    super(message);
    this.code = code;
  }
}
