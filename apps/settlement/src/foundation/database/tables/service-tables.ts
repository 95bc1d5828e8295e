import type { ColumnType, Generated } from "kysely";
import type { Bytes, NullableBytes } from "./bytes.ts";

export interface InstallationTable {
  singleton: Generated<boolean>;
  chain_id: bigint;
  vault: Bytes;
  token: Bytes;
  restore_generation: number;
  /** Null until a start binds it. */
  treasury: NullableBytes;
  /** The gas wallet that was named last; null where none ever was. */
  gas: ColumnType<NullableBytes, NullableBytes | undefined>;
  /** Up to which block the chain may know more than the database; see `chain/lost`. */
  accepted_block: Generated<bigint>;
}

/** A key that the issuer signs with, or has signed with. */
export interface IssuerKeysTable {
  key_id: number;
  public_key: Bytes;
  current: boolean;
}

/** What keeps money from moving now. */
export interface MoneyFaultsTable {
  code: string;
  /** Whom it is about, such as a payee's address; empty where that is the whole service. */
  subject: string;
  message: string;
  next: string;
  since: Date;
  seen_at: Date;
  /** How large it is, in base units, where that is known. */
  extent: ColumnType<string | null, string | null | undefined>;
  /** When it became another one, or a greater one; null where it did not. */
  renewed_at: ColumnType<Date | null, undefined>;
}

/** When the vault was summed last; one row, from the first try on. */
export interface MoneySumsTable {
  singleton: Generated<boolean>;
  begun_at: Date;
  /** Null before the first sum. */
  summed_at: Date | null;
  block_number: bigint | null;
  /** What kept the last try from being a sum. */
  failure: string | null;
}

export interface OutboxTable {
  id: Generated<bigint>;
  topic: string;
  subject: string;
  created_at: Date;
}
