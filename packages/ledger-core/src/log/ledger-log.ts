import type { TransferRecord } from "../model/record.ts";

/** The log's head: how many entries it has, and the RFC 6962 tree head over them. */
export interface LogHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** How far a log is sealed. */
export interface SealRange {
  /** The operation that the log ends with. */
  readonly last?: string;
}

/** An operation's place in the log. */
export interface LogEntry {
  /** From 0. */
  readonly index: number;
  readonly record: TransferRecord;
  /**
   * The leaf as the log keeps it; `leafHash(entryBytes(record))` where nobody has touched either.
   */
  readonly leaf: Uint8Array;
}

/**
 * The journal as an append-only Merkle log (RFC 6962): whoever holds an old head can be shown that
 * it was only added to. Operations come into it by `seal`, in the order of the history; those of
 * transactions that ended later come later. Only what is sealed has proofs.
 */
export interface LedgerLog {
  /**
   * Takes in everything booked that is not in it yet; answers the new head. On a transaction it
   * joins it. With `last`, the id of an operation that is not in the log yet, it ends with that one
   * and leaves what came behind it. Throws BAD_LOG_RANGE where none such waits.
   */
  seal(range?: SealRange): Promise<LogHead>;

  /** The newest head. */
  head(): Promise<LogHead>;

  /** The head when the log had this many entries. Throws BAD_LOG_RANGE. */
  rootAt(size: number): Promise<Uint8Array>;

  /** By its place, or by its operation's id; null when there is none. */
  entry(place: number | string): Promise<LogEntry | null>;

  /** Audit path of entry `index` in the log of `size` entries. Throws BAD_LOG_RANGE. */
  proveInclusion(claim: { readonly index: number; readonly size: number }): Promise<readonly Uint8Array[]>;

  /** Proof that the log of `to` entries begins with the one of `from`. Throws BAD_LOG_RANGE. */
  proveConsistency(claim: { readonly from: number; readonly to: number }): Promise<readonly Uint8Array[]>;
}
