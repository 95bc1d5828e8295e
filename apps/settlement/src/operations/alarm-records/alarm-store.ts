import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import type { AlarmWay } from "../../foundation/config/alarms/alarm-settings.ts";
import type { Database } from "../../foundation/database/database.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { END_TOLD_WITHIN_MS, FAILED_TRIES, LEASE_MS, LISTED_ALARMS, RETRY_SECONDS, TELLINGS_A_PASS } from "./limits.ts";

/** An alarm as it is shown and told; times in milliseconds. */
export interface Alarm {
  readonly id: string;
  readonly code: string;
  readonly level: "reason" | "warning";
  readonly message: string;
  readonly next: string;
  readonly since: number;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly endedAt: number | null;
}

/** One thing to tell by one way. */
export interface Telling {
  readonly alarm: Alarm;
  readonly way: string;
  readonly what: "raised" | "repeated" | "ended";
  readonly attempts: number;
  /** When it was told last; null where it was not, milliseconds since 1970. */
  readonly toldAt: number | null;
}

/** What readiness found, with its level. */
export type Found = Pick<Alarm, "code" | "level" | "message" | "next"> & {
  /** ISO 8601. */
  readonly since: string;
  /** ISO 8601; an acknowledgement from before is over. */
  readonly renewed?: string;
};

/** Who looks after an alarm, and why it is told no more, where that was said. */
export interface Acknowledgement {
  readonly actor: Actor & { readonly name: string };
  readonly reason: string | null;
  /** Milliseconds. */
  readonly now: number;
}

/** A way that does not work. */
export interface FailingWay {
  readonly way: string;
  /** Why the last try failed. */
  readonly fault: string;
  /** Null where it failed before that was noted. */
  readonly since: Date | null;
}

interface AlarmRow {
  readonly id: string;
  readonly code: string;
  readonly level: Alarm["level"];
  readonly message: string;
  readonly next: string;
  readonly since: Date;
  readonly acknowledged_at: Date | null;
  readonly acknowledged_by: string | null;
  readonly ended_at: Date | null;
}

interface Times {
  readonly now: number;
  readonly endAfterSeconds: number;
  /** The first time after nothing could be stored: what nobody could look for meanwhile is not over by that. */
  readonly afterOutage: boolean;
}

/** Alarms in PostgreSQL: what every process of the role `workers` finds, and by whom it was told. */
export class AlarmStore {
  private readonly db: Database;

  constructor(db: Database) {
    this.db = db;
  }

  /**
   * Takes in what a process finds now: raises what is new, renews what is open, and ends what no
   * process has found for a while. Two processes that look at once have one effect.
   */
  async takeIn(found: readonly Found[], { now, endAfterSeconds, afterOutage }: Times): Promise<void> {
    const at = new Date(now);
    if (afterOutage) await this.db.updateTable("alarms").set({ seen_at: at }).where("ended_at", "is", null).execute();
    for (const { code, level, message, next, since, renewed } of found) {
      const seen =
        renewed === undefined ? sql<boolean>`true` : sql<boolean>`alarms.acknowledged_at >= ${new Date(renewed)}`;
      await this.db
        .insertInto("alarms")
        .values({ id: randomUUID(), code, level, message, next, since: new Date(since), seen_at: at })
        .onConflict((conflict) =>
          conflict
            .column("code")
            .where("ended_at", "is", null)
            .doUpdateSet({
              ...{ level, message, next, seen_at: at },
              acknowledged_at: sql<Date>`case when ${seen} then alarms.acknowledged_at end`,
              acknowledged_by: sql<string>`case when ${seen} then alarms.acknowledged_by end`,
            }),
        )
        .execute();
    }
    await this.db
      .updateTable("alarms")
      .set({ ended_at: at })
      .where("ended_at", "is", null)
      .where("seen_at", "<", new Date(now - endAfterSeconds * 1_000))
      .execute();
  }

  /**
   * Takes what is to be told by a way now, for this process alone: what it was not told yet, what
   * nobody has acknowledged for so long, and what is over. What is not confirmed is taken again.
   */
  async due(
    way: AlarmWay,
    { now, repeatSeconds }: { now: number; repeatSeconds: number },
  ): Promise<readonly Telling[]> {
    const at = new Date(now);
    const { name, afterSeconds, warnings } = way;
    await sql`
      insert into alarm_tellings (alarm, way, next_try_at)
      select id, ${name}, ${at} from alarms
      where ended_at is null and (acknowledged_at is null or ${afterSeconds} = 0)
        and since <= ${new Date(now - afterSeconds * 1_000)} and (${warnings} or level = 'reason')
      on conflict do nothing`.execute(this.db);
    const { rows } = await sql<AlarmRow & { what: Telling["what"]; attempts: number; told_before: Date | null }>`
      with wanted as (
        select t.alarm, t.way, case
          when a.ended_at is not null then 'ended' when t.told_at is null then 'raised' else 'repeated' end as what
        from alarm_tellings t join alarms a on a.id = t.alarm
        where t.way = ${name} and t.next_try_at <= ${at} and case
          when a.ended_at is not null then t.told_at is not null and t.ended_told_at is null
            and a.ended_at > ${new Date(now - END_TOLD_WITHIN_MS)}
          when t.told_at is null then true
          else a.acknowledged_at is null and t.told_at <= ${new Date(now - repeatSeconds * 1_000)} end
        order by a.since limit ${TELLINGS_A_PASS}
        for update of t skip locked),
      taken as (
        update alarm_tellings t set next_try_at = ${new Date(now + LEASE_MS)}
        from wanted w where t.alarm = w.alarm and t.way = w.way returning t.alarm, t.attempts, t.told_at as told_before, w.what)
      select a.*, taken.what, taken.attempts, taken.told_before from taken join alarms a on a.id = taken.alarm order by a.since`.execute(
      this.db,
    );
    return rows.map((row) => ({
      ...{ alarm: alarmOf(row), way: name, what: row.what, attempts: row.attempts },
      toldAt: row.told_before?.getTime() ?? null,
    }));
  }

  /** It was told. */
  async told({ alarm, way, what }: Telling, now: number): Promise<void> {
    const at = new Date(now);
    await this.db
      .updateTable("alarm_tellings")
      .set({
        ...(what === "ended" ? { ended_told_at: at } : { told_at: at }),
        attempts: 0,
        next_try_at: at,
        ...{ fault: null, failing_since: null },
      })
      .where("alarm", "=", alarm.id)
      .where("way", "=", way)
      .execute();
  }

  /** It was not told; it is tried again after a while. */
  async failed({ alarm, way, attempts }: Telling, fault: string, now: number): Promise<void> {
    const wait = RETRY_SECONDS[Math.min(attempts, RETRY_SECONDS.length - 1)] ?? 0;
    await this.db
      .updateTable("alarm_tellings")
      .set({
        ...{ attempts: attempts + 1, next_try_at: new Date(now + wait * 1_000), fault },
        failing_since: sql<Date>`coalesce(failing_since, ${new Date(now)})`,
      })
      .where("alarm", "=", alarm.id)
      .where("way", "=", way)
      .execute();
  }

  /** Ways that do not work now, with why and since when; `names` are those of the configuration. */
  async undelivered(names: readonly string[]): Promise<readonly FailingWay[]> {
    if (names.length === 0) return [];
    const rows = await this.db
      .selectFrom("alarm_tellings")
      .innerJoin("alarms", "alarms.id", "alarm_tellings.alarm")
      .select(["way", "fault", sql<Date | null>`min(failing_since) over (partition by way)`.as("since")])
      .distinctOn("way")
      .where("way", "in", names)
      .where("attempts", ">=", FAILED_TRIES)
      .where("fault", "is not", null)
      // What ended before it was told needs nobody any more.
      .where((where) =>
        where.or([
          where("ended_at", "is", null),
          where.and([where("told_at", "is not", null), where("ended_told_at", "is", null)]),
        ]),
      )
      .orderBy("way")
      .orderBy("next_try_at", "desc")
      .execute();
    return rows.map(({ way, fault, since }) => ({ way, fault: fault ?? "", since }));
  }

  /** The open ones first, then the newest. */
  async list(): Promise<readonly Alarm[]> {
    const rows = await this.db
      .selectFrom("alarms")
      .selectAll()
      .orderBy(sql`ended_at is not null`)
      .orderBy("since", "desc")
      .limit(LISTED_ALARMS)
      .execute();
    return rows.map(alarmOf);
  }

  /**
   * Somebody looks after it: it is told no more until it ends. The first who says so stays, and is an entry of the
   * audit log. Null where there is no open one of this id.
   */
  async acknowledge(id: string, { actor, reason, now }: Acknowledgement): Promise<Alarm | null> {
    const at = new Date(now);
    return await this.db.transaction().execute(async (trx) => {
      const open = await trx
        .selectFrom("alarms")
        .selectAll()
        .where("id", "=", id)
        .where("ended_at", "is", null)
        .forUpdate()
        .executeTakeFirst();
      if (open === undefined) return null;
      if (open.acknowledged_at !== null) return alarmOf(open);
      const acknowledged = { acknowledged_at: at, acknowledged_by: actor.name };
      await trx.updateTable("alarms").set(acknowledged).where("id", "=", id).execute();
      const details = { code: open.code, ...(reason === null ? {} : { reason }) };
      await recordAction(trx, { action: "alarm-acknowledged", actor, subject: `alarm:${id}`, details, at });
      return alarmOf({ ...open, ...acknowledged });
    });
  }
}

function alarmOf(row: AlarmRow): Alarm {
  const { id, code, level, message, next } = row;
  return {
    ...{ id, code, level, message, next, since: row.since.getTime() },
    acknowledgedAt: row.acknowledged_at?.getTime() ?? null,
    acknowledgedBy: row.acknowledged_by,
    endedAt: row.ended_at?.getTime() ?? null,
  };
}
