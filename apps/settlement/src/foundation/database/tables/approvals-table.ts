import type { ColumnType, GeneratedAlways } from "kysely";
import type { Role } from "../../rights.ts";
import type { Bytes } from "./bytes.ts";

/** What may need a second person. */
export type ApprovalKind = "funding" | "payout" | "withheld-payment";

/** A movement of money that one person made without a second one. */
export interface MovementsAloneTable {
  number: GeneratedAlways<bigint>;
  person: string;
  units: bigint;
  at: Date;
}

/** A decision of a person that waits for another one, or had it. */
export interface ApprovalsTable {
  id: string;
  kind: ApprovalKind;
  /** What is asked, once at a time. */
  name: string;
  /** A card, a payee or a voucher. */
  subject: Bytes;
  /** What was asked for; once it is approved, what was done. */
  units: bigint;
  request: ColumnType<Readonly<Record<string, string>>, string, string>;
  asked_by: string;
  asked_role: Role;
  reason: string;
  asked_at: Date;
  ends_at: Date;
  state: "waiting" | "approved" | "refused" | "ended";
  decided_by: ColumnType<string | null, null | undefined, string>;
  decided_reason: ColumnType<string | null, null | undefined, string>;
  decided_at: ColumnType<Date | null, null | undefined, Date>;
  /** Counts by the order of asking, where `asked_at` is the same. */
  number: GeneratedAlways<bigint>;
}
