import type { ColumnType, Generated } from "kysely";
import type { Bytes, NullableBytes } from "./bytes.ts";

export interface UploadsTable {
  hash: Bytes;
  payee: Bytes;
  terminal_id: Bytes;
  seq: bigint;
  previous_head: Bytes;
  upload: Bytes;
  signature: Bytes;
  certificate: Bytes;
  certificate_signature: Bytes;
  body: Bytes;
  received_at: Date;
}

export interface SetAsideUploadsTable {
  /** SHA-256 of `TLYU`. */
  hash: Bytes;
  payee: Bytes;
  terminal_id: Bytes;
  seq: bigint;
  upload: Bytes;
  signature: Bytes;
  /** The upload that brought it. */
  told_by: Bytes;
  told_at: Date;
}

export interface ReceiptsTable {
  /** SHA-256 of `TLYU`. */
  upload: Bytes;
  payee: Bytes;
  terminal_id: Bytes;
  /** When it was given: its own time is earlier where it was given before a restore. */
  given_at: Date;
  /** Seconds, as the receipt has it. */
  received_at: bigint;
  receipt: Bytes;
  signature: Bytes;
  /** What the upload brought, for the terminal's quota. */
  body_bytes: Generated<number>;
  refused_entries: Generated<number>;
}

export interface AnomaliesTable {
  id: Generated<bigint>;
  kind: string;
  payee: NullableBytes;
  terminal_id: NullableBytes;
  upload: NullableBytes;
  card: NullableBytes;
  detail: string;
  found_at: Date;
  /** Ids of the card's messages that show it; null where they are not known. */
  messages: ColumnType<Uint8Array[] | null, Uint8Array[] | null | undefined, never>;
}

export interface VouchersTable {
  id: Bytes;
  card: Bytes;
  counter: bigint;
  payee: Bytes;
  amount_units: bigint;
  message: Bytes;
  context: Bytes;
  signature: Bytes;
  parity: number;
  allowance_body: Bytes;
  allowance_signature: Bytes;
  terminal_id: Bytes;
  /** The terminal's claim, seconds. */
  paid_at: bigint;
  card_key: Bytes;
  /** The PAY request it answers, rebuilt; a reversal names the same bytes. */
  request: Bytes;
  spent_units: bigint;
  allowance_seq: bigint;
  link: Bytes;
  upload: Bytes;
  received_at: Date;
  state: string;
  /**
   * The issuer makes good what the vault cannot pay; false when a limit was exceeded, see
   * `dispute`.
   */
  promised: boolean;
  dispute: string | null;
  attempts: Generated<number>;
  batch_id: string | null;
  batch_position: number | null;
  /**
   * Why the vault would not pay it as things are (a SkipReason); null while it waits for nothing
   * but a batch.
   */
  waits_for: string | null;
  /** Why a person decides when the issuer pays it; null where it is not withheld. */
  withheld_ground: ColumnType<string | null, string | null | undefined, string | null>;
  /** When the issuer first owed it (spec §6.12); null where it never did. */
  owed_since: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** Since when; null while it never was. */
  withheld_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** Too dear for a block: it is tried again from then on. */
  paused_until: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** The next batch takes it whatever the simulation shows, because the chain shows otherwise. */
  insisted: Generated<boolean>;
}

export interface CounterClaimsTable {
  card: Bytes;
  counter: bigint;
  voucher_id: Bytes;
}

export interface RefusedEntriesTable {
  upload: Bytes;
  position: number;
  voucher_id: NullableBytes;
  code: string;
}

export interface ReversalsTable {
  card_key: Bytes;
  request: Bytes;
  payee: Bytes;
  terminal_id: Bytes;
  signature: Bytes;
  upload: Bytes;
  received_at: Date;
}

export interface StateProofsTable {
  card: Bytes;
  proof: Bytes;
  signature: Bytes;
  counter: bigint;
  spent_units: bigint;
  seq: bigint;
  card_state: number;
  upload: Bytes;
  received_at: Date;
}

export interface ForksTable {
  card: Bytes;
  counter: bigint;
  found_at: Date;
}
