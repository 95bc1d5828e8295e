import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { within } from "@tallystick/program";
import { sql } from "kysely";
import { stuckSinceSql, stuckSql } from "../../../chain/refused/failed-actions.ts";
import { byKind, failedKindSql, type FailedKindName } from "../../../chain/refused/failed-kinds.ts";
import { failureCause } from "../../../chain/refused/failed-words.ts";
import { DATABASE, type Database } from "../../../foundation/database/database.ts";
import { ASSET } from "../../../foundation/http/amounts.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { Queues } from "../../../jobs/queues.ts";
import { FAILURE_ROWS, FAILURES_COUNTED, LONG_ROWS } from "../limits.ts";

/** One queue: how much waits in it, and since when the oldest does. */
export interface QueueLine {
  readonly name: string;
  readonly depth: number;
  readonly amount: string | null;
  readonly oldest: string | null;
}

/** An action that failed or was refused, with what a person may decide about. */
export interface FailedAction {
  readonly id: string;
  readonly kind: FailedKindName;
  /** What it was for has happened, or is not wanted any more. */
  readonly over: boolean;
  readonly state: string;
  /** The whole reason. */
  readonly failure: string | null;
  /** The same as people read it. */
  readonly cause: string;
  /** When it ended without effect first. */
  readonly since: string;
  readonly retryAt: string | null;
  readonly abandoned: boolean;
}

/** Failures of one reason. */
export interface FailureGroup {
  readonly reason: string;
  /** All of them, however few are listed. */
  readonly count: number;
  /** The part of them that persons have set aside. */
  readonly setAside: number;
  readonly actions: readonly FailedAction[];
}

export interface WorkView {
  readonly queues: readonly QueueLine[];
  readonly failures: readonly FailureGroup[];
  /** Wake-up calls in Redis by topic; null while it does not answer. */
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>> | null;
}

/** What waits, how long, and what failed for which reason. */
@Injectable()
export class WorkReader {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(Queues) private readonly queues: Queues,
    @Inject(ASSET) private readonly asset: Asset,
  ) {}

  async read(): Promise<WorkView> {
    const [lines, failures, calls] = await Promise.all([
      this.lines(),
      this.failures(),
      within(LIMITS.answerWaitMs, this.queues.counts()).then(
        (counts) => counts?.value ?? null,
        () => null,
      ),
    ]);
    return { queues: lines, failures, calls };
  }

  private async lines(): Promise<readonly QueueLine[]> {
    const { rows } = await sql<{ name: string; depth: number; units: string | null; oldest: Date | null }>`
      select 'Vouchers, ' || state as name, count(*)::int as depth, sum(amount_units)::text as units, min(received_at) as oldest
        from vouchers where state in ('received', 'batched', 'skipped', 'forked', 'withheld', 'compensating') group by state
      union all
      select 'Chain actions, ' || kind || ', ' || state, count(*)::int, null, min(created_at)
        from chain_actions where state not in ('final', 'failed', 'refused') group by kind, state
      union all
      select 'Wake-up calls to deliver', count(*)::int, null, min(created_at) from outbox
      order by name`.execute(this.db);
    return rows.map(({ name, depth, units, oldest }) => ({
      ...{ name, depth, oldest: oldest?.toISOString() ?? null },
      amount: units === null ? null : `${formatTotal(BigInt(units), this.asset)} ${this.asset.code}`,
    }));
  }

  /**
   * Failures by what stands before the colon: the contract's own name, or the code. All are counted, those that nobody
   * has set aside first, and of each reason the newest of those are listed.
   */
  private async failures(): Promise<readonly FailureGroup[]> {
    const { rows } = await sql<FailureRow>`
      with counted as (
        select id, kind, key, account, created_at, state, failure, ${stuckSinceSql} as since, retry_at,
          abandoned_at is not null as abandoned, split_part(coalesce(failure, 'No reason is known.'), ':', 1) as reason
        from chain_actions a where ${stuckSql}
        order by (abandoned_at is not null), since desc limit ${FAILURES_COUNTED}),
      numbered as (
        select *, (count(*) over w)::int as count, (count(*) filter (where abandoned) over w)::int as set_aside,
          row_number() over (partition by reason order by abandoned, since desc, id) as number
        from counted window w as (partition by reason))
      select a.*, ${failedKindSql} as failed_kind, ${byKind("over")} as over
      from numbered a where number <= ${FAILURE_ROWS}
      order by set_aside - count, reason, number limit ${FAILURE_ROWS * LONG_ROWS}`.execute(this.db);
    const groups = Map.groupBy(rows, ({ reason }) => reason);
    return [...groups].map(([reason, members]) => ({
      reason,
      count: members[0]?.count ?? 0,
      setAside: members[0]?.set_aside ?? 0,
      actions: members.map((row) => ({
        ...{ id: row.id, kind: row.failed_kind, over: row.over, state: row.state, failure: row.failure },
        abandoned: row.abandoned,
        cause: failureCause(row.failure, { kind: row.failed_kind, count: 1, asset: this.asset }).text,
        since: row.since.toISOString(),
        retryAt: row.retry_at?.toISOString() ?? null,
      })),
    }));
  }
}

interface FailureRow {
  readonly id: string;
  readonly failed_kind: FailedKindName;
  readonly over: boolean;
  readonly state: string;
  readonly failure: string | null;
  readonly reason: string;
  readonly count: number;
  readonly set_aside: number;
  readonly since: Date;
  readonly retry_at: Date | null;
  readonly abandoned: boolean;
}
