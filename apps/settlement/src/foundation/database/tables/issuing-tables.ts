import type { ColumnType, Generated } from "kysely";
import type { Bytes, NullableBytes } from "./bytes.ts";

export interface CardsTable {
  card: Bytes;
  card_key: Bytes;
  card_index: number;
  owner: Bytes;
  opening_signature: Bytes;
  reference: string;
  /** The check value of the master key that its keys are of; null where no station has said it. */
  master_key: ColumnType<string | null, string | null | undefined, string | null>;
  /** 0 valid, 1 suspended, 2 revoked, 3 lost: the status list's values (spec, status list). */
  status: Generated<number>;
  /** Suspended by the funding rule while some live allowance exceeds the bound. */
  rule_suspended: Generated<boolean>;
  /** Suspended while a void is pending of a counter whose message nobody knows. */
  void_suspended: Generated<boolean>;
  /** The vault holds a proof of equivocation. */
  flagged: Generated<boolean>;
  /** Issue of the first list that shows it revoked. */
  revoked_listed_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  withdrawal_seen: Generated<boolean>;
  /** Final block of its opening; null until then. */
  opened_block: bigint | null;
  /** Highest counter settled on the chain, final. */
  highest_counter: Generated<bigint>;
  /** Highest allowance seq the card has shown in a verified voucher or state proof. */
  shown_seq: Generated<bigint>;
  shown_terminated: Generated<boolean>;
  deposits_units: Generated<bigint>;
  /**
   * What its known messages took, one a counter; may be too high where two of them came at once,
   * never too low.
   */
  signed_units: Generated<bigint>;
  /**
   * The largest maxSpent that was ever signed for it, as found when its sum was above every stored
   * one; 0 while it never was.
   */
  judged_units: Generated<bigint>;
  /** An allowance by policy may be due: a deposit, a refund, a release or time. */
  renewal_due: Generated<boolean>;
  /** Before it the one that is due is not issued. */
  renew_after: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** Null until somebody has looked at a card of an older database. */
  card_tag: ColumnType<Uint8Array | null, Uint8Array | null | undefined, Uint8Array | null>;
  registered_at: Date;
}

export interface TerminalsTable {
  payee: Bytes;
  terminal_id: Bytes;
  certificate: Bytes;
  signature: NullableBytes;
  issued_at: Date;
  /** For how long settlement renewed it; null where a person had it made. */
  renewed_seconds: ColumnType<bigint | null, bigint | null | undefined, bigint | null>;
}

export interface AllowancesTable {
  card: Bytes;
  seq: bigint;
  body: Bytes;
  signature: NullableBytes;
  max_spent_units: bigint;
  max_counter: bigint;
  /** Why it was issued; null where a person asked for it. */
  ground: ColumnType<string | null, string | null | undefined, never>;
  /** What the funding rule allowed then. */
  bound_units: ColumnType<bigint | null, bigint | null | undefined, never>;
  stored_at: Date;
}

/** The newest allowance of a card until the card shows it. */
export interface MailboxEntriesTable {
  card: Bytes;
  card_tag: Bytes;
  seq: bigint;
  body: Bytes;
  signature: Bytes;
  position: Generated<bigint>;
}

/** Which station makes the card of a reference. */
export interface ReferenceClaimsTable {
  reference: string;
  station: string;
  operator: string | null;
  claimed_at: Date;
}

/** Reports of orders as the stations signed them (spec §6.10). */
export interface OrderReportsTable {
  /** SHA-256 of the report's bytes. */
  digest: Bytes;
  report: string;
  order_name: string;
  station: string | null;
  operator: string | null;
  /** Of the terminal that signed it. */
  payee: Bytes;
  terminal_id: Bytes;
  made_at: Date;
  cards: number;
  ready: number;
  /** Display units, as the report says them. */
  deposited: string;
  /** The card and the funding that each of its lines names, in their order; null where it came to a version before 0054. */
  named_cards: (Bytes | null)[] | null;
  named_fundings: (string | null)[] | null;
  /** When it was compared with the register last; null where it never was since it came. */
  compared_at: Date | null;
  /** All cards that it names are registered, and all deposits final: it is not compared again. */
  complete: Generated<boolean>;
  /** Its cards that were registered, and its deposits that were final here, when it was compared last. */
  known_cards: number;
  known_units: bigint;
  received_at: Date;
}

export interface StatusListsTable {
  seq: bigint;
  head: Bytes;
  signature: NullableBytes;
  list: Bytes;
  issued_at: Date;
  as_of: bigint;
}

export interface FundingsTable {
  id: string;
  card: Bytes;
  amount_units: bigint;
  key: string;
  action_id: string;
  created_at: Date;
}

/**
 * Why an advance is not given (spec §6.10): another person refused it, nobody decided in time, its deposit was abandoned,
 * its card gets nothing any more, or the withdrawal was quicker.
 */
export type AdvanceDropped = "REFUSED" | "ENDED" | "ABANDONED" | "SUCCESSOR" | "LATE";

/** A card that another one takes the place of (spec §6.10). */
export interface ReplacementsTable {
  card: Bytes;
  successor: Bytes;
  reason: string;
  /** The person that decided it, and where. */
  requested_by: string;
  role: string;
  station: string | null;
  /** Given to the successor at once. */
  advance_units: bigint;
  advance_funding: ColumnType<string | null, string | null | undefined, string | null>;
  /** Withdrawals that were asked for; one that expired is asked for again. */
  requests: Generated<number>;
  /** What came back in all, final; null until then. */
  withdrawn_units: ColumnType<bigint | null, bigint | null | undefined, bigint | null>;
  /** The newest deposit of the rest, and what all of them are of. */
  rest_funding: ColumnType<string | null, string | null | undefined, string | null>;
  rest_units: Generated<bigint>;
  /** Why no advance is given; null while it may be, and where it was. */
  advance_dropped: ColumnType<AdvanceDropped | null, AdvanceDropped | null | undefined, AdvanceDropped>;
  /** How often the rest was asked for: each time is another deposit. */
  rest_requests: Generated<number>;
  /** Which card it is for, from when it is asked for. */
  rest_card: ColumnType<Bytes | null, Bytes | null | undefined>;
  /** The code of what keeps it until a person asks again, and since when. */
  rest_held: ColumnType<string | null, string | null | undefined>;
  rest_held_at: ColumnType<Date | null, Date | null | undefined>;
  /** The person that asked again, where one did; else the rest is asked for by who decided the replacement. */
  rest_asked_by: ColumnType<string | null, string | null | undefined>;
  rest_role: ColumnType<string | null, string | null | undefined>;
  rest_station: ColumnType<string | null, string | null | undefined>;
  rest_reason: ColumnType<string | null, string | null | undefined>;
  next_look_at: Date;
  created_at: Date;
  done_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** When the lost card was seen empty for good; null also where a version ended the row that did not look. */
  emptied_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}
