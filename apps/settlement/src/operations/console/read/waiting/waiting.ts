import { Inject, Injectable } from "@nestjs/common";
import { CERTIFICATE_REQUEST_SECONDS, CLOCK_SKEW_SECONDS } from "@tallystick/protocol";
import { sql } from "kysely";
import { CLOCK, type Clock } from "../../../../foundation/clock.ts";
import { DATABASE, type Database } from "../../../../foundation/database/database.ts";
import { SHORT_ALARMS } from "../../limits.ts";

/** Things that wait for a person and end by themselves. */
export interface EndingGroup {
  readonly count: number;
  /** When the oldest came. */
  readonly since: Date;
  /** When the first of them ends. */
  readonly endsAt: Date;
}

/** An open alarm on the first screen. */
export interface ShortAlarm {
  readonly code: string;
  readonly level: "reason" | "warning";
  readonly since: Date;
  /** Ways by which it was told. */
  readonly told: readonly string[];
  readonly acknowledgedBy: string | null;
}

/** What waits for people besides money. */
export interface WaitingForPeople {
  /** For a second person, with the units of all of them; null where nothing does. */
  readonly approvals: (EndingGroup & { readonly units: bigint }) | null;
  /** Terminals that ask for their first certificate; null where none does. */
  readonly requests: EndingGroup | null;
  readonly alarms: { readonly count: number; readonly newest: readonly ShortAlarm[] };
}

interface GroupRow {
  readonly count: number;
  readonly since: Date | null;
  readonly ends: Date | null;
  readonly units?: string | null;
}

/** Counts for the first screen: three statements, each over what is open alone. */
@Injectable()
export class WaitingReader {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async read(): Promise<WaitingForPeople> {
    const now = this.clock.now();
    const oldest = Math.floor(now / 1_000) - CERTIFICATE_REQUEST_SECONDS - CLOCK_SKEW_SECONDS;
    const [approvals, requests, alarms] = await Promise.all([
      sql<GroupRow>`select count(*)::int as count, min(asked_at) as since, min(ends_at) as ends,
        sum(units)::text as units from approvals
        where state = 'waiting' and ends_at > ${new Date(now)}`.execute(this.db),
      sql<GroupRow>`select count(*)::int as count, min(received_at) as since,
        to_timestamp(min(time) + ${CERTIFICATE_REQUEST_SECONDS + CLOCK_SKEW_SECONDS}::bigint) as ends
        from certificate_requests where state = 'waiting' and time >= ${oldest}::bigint`.execute(this.db),
      sql<Omit<ShortAlarm, "acknowledgedBy"> & { readonly by: string | null; readonly all: number }>`
        select code, level, since, acknowledged_by as by, count(*) over ()::int as all, array(
          select way from alarm_tellings t where t.alarm = a.id and t.told_at is not null order by way) as told
        from alarms a where ended_at is null
        order by acknowledged_at is not null, since desc limit ${SHORT_ALARMS}::int`.execute(this.db),
    ]);
    const asked = groupOf(approvals.rows[0]);
    return {
      approvals: asked === null ? null : { ...asked, units: BigInt(approvals.rows[0]?.units ?? "0") },
      requests: groupOf(requests.rows[0]),
      alarms: {
        count: alarms.rows[0]?.all ?? 0,
        newest: alarms.rows.map(({ code, level, since, told, by }) => ({
          ...{ code, level, since, told, acknowledgedBy: by },
        })),
      },
    };
  }
}

function groupOf(row: GroupRow | undefined): EndingGroup | null {
  if (row === undefined || row.since === null || row.ends === null) return null;
  return { count: row.count, since: row.since, endsAt: row.ends };
}
