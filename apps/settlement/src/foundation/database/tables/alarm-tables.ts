import type { ColumnType, Generated } from "kysely";

/** What a person is told of. */
export interface AlarmsTable {
  id: string;
  code: string;
  level: "reason" | "warning";
  message: string;
  next: string;
  since: Date;
  /** When any process found it last. */
  seen_at: Date;
  acknowledged_at: ColumnType<Date | null, undefined, Date>;
  acknowledged_by: ColumnType<string | null, undefined, string>;
  ended_at: ColumnType<Date | null, undefined, Date>;
}

/** What came of telling an alarm by one way. */
export interface AlarmTellingsTable {
  alarm: string;
  way: string;
  /** When it was told last that the alarm is there. */
  told_at: ColumnType<Date | null, undefined, Date>;
  /** When it was told that it is over. */
  ended_told_at: ColumnType<Date | null, undefined, Date>;
  /** Tries since it was told last. */
  attempts: Generated<number>;
  next_try_at: Date;
  /** Why the last try failed; null where it did not. */
  fault: ColumnType<string | null, undefined, string | null>;
  /** When the first try of a row of failed ones was; null where the last did not fail. */
  failing_since: ColumnType<Date | null, undefined, Date | null>;
}
