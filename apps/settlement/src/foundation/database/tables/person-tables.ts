import type { ColumnType, Generated } from "kysely";
import type { StaffRole } from "../../rights.ts";
import type { Bytes, NullableBytes } from "./bytes.ts";
import type { ReversalsTable } from "./intake-tables.ts";

export interface CertificateWithdrawalsTable {
  id: Generated<bigint>;
  payee: Bytes;
  terminal_id: Bytes;
  /** Seconds. */
  withdrawn_from: bigint;
  reason: string;
  who: string;
  recorded_at: Date;
  /** Who and why were erased. */
  erased_at: ColumnType<Date | null, null | undefined, Date>;
}

/** Reversals that count only once their payee has confirmed them. */
export interface LateReversalsTable extends ReversalsTable {
  /** SHA-256 of `TLYX`. */
  id: Bytes;
}

export interface ReversalConfirmationsTable {
  reversal: Bytes;
  /** r ‖ s ‖ v of the payee. */
  signature: Bytes;
  confirmed_at: Date;
}

/** An upload that held a voucher and arrived before the one it was stored with. */
export interface ArrivalReceiptsTable {
  voucher_id: Bytes;
  upload: Bytes;
  /** Seconds. */
  received_at: bigint;
}

/** The first final block whose `settle` payload held a voucher that it did not pay. */
export interface ArrivalPayloadsTable {
  voucher_id: Bytes;
  block_number: bigint;
}

export interface WithheldDecisionsTable {
  id: Generated<bigint>;
  voucher_id: Bytes;
  kind: "payment" | "refusal-proposed" | "refusal";
  /** How it is paid; null for a refusal. */
  way: "compensation" | "deposit" | "vault" | null;
  /** The deposit or the transfer. */
  action_id: string | null;
  /** Why it was withheld, or why it is refused. */
  ground: string;
  who: string;
  reason: string;
  /** The payee's signature where it disowns the voucher. */
  statement: NullableBytes;
  decided_at: Date;
  /** Who and why were erased. */
  erased_at: ColumnType<Date | null, null | undefined, Date>;
}

export interface AuditEntriesTable {
  position: bigint;
  entry: string;
  recorded_at: Date;
}

/** Null where they were erased. */
export interface AuditWordsTable {
  position: bigint;
  salt: ColumnType<Uint8Array | null, Uint8Array, Uint8Array | null>;
  words: ColumnType<string | null, string, string | null>;
  names: string[];
  erased_at: ColumnType<Date | null, null | undefined, Date>;
}

export interface AuditNodesTable {
  tile_level: number;
  position: bigint;
  hash: Bytes;
}

export interface AuditHeadsTable {
  size: bigint;
  root: Bytes;
}

export interface ApiTokensTable {
  id: string;
  /** SHA-256 of the token. */
  hash: Bytes;
  name: string;
  role: StaffRole;
  made_by: string;
  made_at: Date;
  ends_at: Date;
  revoked_at: ColumnType<Date | null, null | undefined, Date>;
}
