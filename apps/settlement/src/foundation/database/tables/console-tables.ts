import type { ColumnType, Generated } from "kysely";
import type { Bytes, NullableBytes } from "./bytes.ts";

/** What a person has to look into; what opened it is named once by `source` and `source_key`. */
export interface CasesTable {
  id: Generated<bigint>;
  kind: string;
  source: string;
  source_key: string;
  detail: string;
  card: NullableBytes;
  counter: bigint | null;
  payee: NullableBytes;
  terminal_id: NullableBytes;
  voucher_id: NullableBytes;
  upload: NullableBytes;
  /** The upload of the terminal that is missing. */
  missing_seq: bigint | null;
  /** The code of the fault of the money that caused it. */
  fault: string | null;
  /** When what caused it began. */
  caused_at: Date;
  opened_at: Date;
  owner: ColumnType<string | null, string | null | undefined, string | null>;
  /** When the engine saw that what caused it is over. */
  ended_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  resolved_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

export interface CaseEventsTable {
  id: Generated<bigint>;
  case_id: bigint;
  kind: "opened" | "taken" | "ended" | "resolved" | "reopened";
  /** Null where the engine did it, or the name was erased. */
  who: string | null;
  role: string | null;
  reason: string;
  at: Date;
}

export interface MerchantNamesTable {
  payee: Bytes;
  name: string;
  contact: string;
  changed_at: Date;
}

export interface TerminalNamesTable {
  payee: Bytes;
  terminal_id: Bytes;
  name: string;
  changed_at: Date;
}

/** A closed period of the books: its statement as it was signed. */
export interface BookPeriodsTable {
  id: Generated<bigint>;
  statement: string;
  signature: Bytes;
  issuer_key_id: number;
  log_size: bigint;
  closed_at: Date;
}
