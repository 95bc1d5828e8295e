import type { ColumnType } from "kysely";
import type { Bytes, NullableBytes } from "./bytes.ts";

/** A terminal that asks for its first certificate (spec §6.15). */
export interface CertificateRequestsTable {
  /** SHA-256 of `TLYQ`. */
  id: Bytes;
  request: Bytes;
  signature: Bytes;
  /** Where it came from, for counting. */
  source: string;
  /** The terminal's own time, seconds. */
  time: bigint;
  received_at: Date;
  state: "waiting" | "approved" | "refused";
  decided_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  decided_by: ColumnType<string | null, string | null | undefined, string | null>;
  reason: ColumnType<string | null, string | null | undefined, string | null>;
  /** `TLYM` by the key that was present when it was approved. */
  certificate: NullableBytes;
  terms: ColumnType<string | null, string | null | undefined, string | null>;
  /** The answer once it is signed: nobody who asks makes settlement sign anything. */
  admission: ColumnType<string | null, string | null | undefined, string | null>;
}

/** One unit that was sent to a new payee, and who says that it came (spec §6.15). */
export interface FirstUnitsTable {
  payee: Bytes;
  action_id: string;
  sent_at: Date;
  confirmed_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** A person's name, or `terminal` and its id. */
  confirmed_by: ColumnType<string | null, string | null | undefined, string | null>;
  reason: ColumnType<string | null, string | null | undefined, string | null>;
}
