import type { BlockTag, ChainLog } from "./chain-rpc.ts";

/** A card's slots in the vault at one block; all amounts in units. */
export interface CardSlot {
  readonly opened: boolean;
  readonly owner: Uint8Array | null;
  readonly balance: bigint;
  readonly paid: bigint;
  readonly flagged: boolean;
  /** The owner's pending withdrawal; 0 when there is none. */
  readonly pending: bigint;
  /** Seconds; when it becomes ripe. */
  readonly readyAt: bigint;
}

/** What a merchant has earned and taken out, units. */
export interface MerchantSlot {
  readonly earned: bigint;
  readonly withdrawn: bigint;
}

/** What the vault and the token tell in their events. */
export type VaultEvent =
  | { readonly kind: "opened"; readonly card: Uint8Array; readonly owner: Uint8Array }
  | { readonly kind: "funded"; readonly card: Uint8Array; readonly units: bigint; readonly funder: Uint8Array }
  | {
      readonly kind: "settled";
      readonly submitter: Uint8Array;
      readonly payloadHash: Uint8Array;
      /** One bit an item, low bit first: 1 was paid. */
      readonly result: Uint8Array;
      /** Present only when a contract submitted it; else it is the transaction's calldata. */
      readonly payload: Uint8Array | null;
    }
  | { readonly kind: "withdrawn"; readonly payee: Uint8Array; readonly to: Uint8Array; readonly units: bigint }
  | {
      readonly kind: "withdrawalRequested";
      readonly card: Uint8Array;
      readonly units: bigint;
      readonly readyAt: bigint;
    }
  | { readonly kind: "withdrawalCancelled"; readonly card: Uint8Array }
  | { readonly kind: "cardWithdrawn"; readonly card: Uint8Array; readonly to: Uint8Array; readonly units: bigint }
  | {
      readonly kind: "refunded";
      readonly payee: Uint8Array;
      readonly card: Uint8Array;
      readonly units: bigint;
      /** The part that had not been withdrawn; the rest was pulled from the payee's tokens. */
      readonly fromEarnings: bigint;
    }
  | {
      readonly kind: "released";
      readonly card: Uint8Array;
      readonly payee: Uint8Array;
      readonly counter: bigint;
      readonly units: bigint;
    }
  | { readonly kind: "voided"; readonly card: Uint8Array; readonly counter: bigint }
  | { readonly kind: "equivocation"; readonly card: Uint8Array }
  | { readonly kind: "transfer"; readonly from: Uint8Array; readonly to: Uint8Array; readonly baseUnits: bigint };

/** One item of a settle payload, as the watcher needs it. */
export interface PayloadItem {
  readonly card: Uint8Array;
  readonly payee: Uint8Array;
  readonly counter: bigint;
  readonly amount: bigint;
  readonly context: Uint8Array;
}

/** A voucher as it goes into a payload. */
export interface SettleVoucher {
  readonly card: Uint8Array;
  readonly payee: Uint8Array;
  readonly counter: bigint;
  readonly amount: bigint;
  readonly context: Uint8Array;
  /** r ‖ s with low s. */
  readonly signature: Uint8Array;
  readonly parity: 0 | 1;
}

/** M with its card's signature. */
export interface SignedVoucher {
  /** 82 bytes. */
  readonly message: Uint8Array;
  /** r ‖ s with low s. */
  readonly signature: Uint8Array;
  readonly parity: 0 | 1;
}

/** The vault and its token: calldata, reads at a block, and events. Everything about the ABI stays behind it. */
export interface VaultContract {
  readonly vault: Uint8Array;
  readonly token: Uint8Array;
  encodeApprove(): Uint8Array;
  encodeOpen(opening: { card: Uint8Array; owner: Uint8Array; signature: Uint8Array; parity: 0 | 1 }): Uint8Array;
  encodeFund(deposit: { card: Uint8Array; units: bigint }): Uint8Array;
  /** The payload and the order in which its items stand: indices into the given vouchers. */
  encodePayload(batch: { batchRoot: Uint8Array; ledgerRoot: Uint8Array; vouchers: readonly SettleVoucher[] }): {
    payload: Uint8Array;
    order: readonly number[];
  };
  encodeSettle(payload: Uint8Array): Uint8Array;
  /** Prepares the vault for a voucher that lies too far ahead of the paid ones (spec §7.7). */
  encodeAdvance(voucher: SignedVoucher): Uint8Array;
  /** Convicts a card by two messages with one counter (spec §7.6). */
  encodeProveEquivocation(first: SignedVoucher, second: SignedVoucher): Uint8Array;
  encodeWithdraw(payee: Uint8Array): Uint8Array;
  encodeTransfer(transfer: { to: Uint8Array; units: bigint }): Uint8Array;
  /** The payload in the calldata of a settle call, or null when it is another call. */
  payloadOfCalldata(calldata: Uint8Array): Uint8Array | null;
  decodePayload(payload: Uint8Array): readonly PayloadItem[];
  isPaid(result: Uint8Array, index: number): boolean;
  card(card: Uint8Array, tag: BlockTag): Promise<CardSlot>;
  merchant(payee: Uint8Array, tag: BlockTag): Promise<MerchantSlot>;
  tokenBalance(holder: Uint8Array, tag: BlockTag): Promise<bigint>;
  /** Events of the vault and of the treasury's token, in order. */
  events(range: { from: bigint; to: bigint; treasury: Uint8Array }): Promise<readonly PlacedEvent[]>;
}

/** An event with its place on the chain. */
export interface PlacedEvent {
  readonly event: VaultEvent;
  readonly log: ChainLog;
}

export const VAULT_CONTRACT = Symbol("VAULT_CONTRACT");
