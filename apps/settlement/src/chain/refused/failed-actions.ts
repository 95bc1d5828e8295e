import { sql } from "kysely";
import type { Database } from "../../foundation/database/database.ts";
import { byKind, FAILED_KINDS, failedKindSql, type FailedKindName } from "./failed-kinds.ts";

/** Actions of one kind that ended without effect for one reason, and what is left to do about them. */
export interface FailedGroup {
  readonly kind: FailedKindName;
  /** The contract's own name, or the code. */
  readonly failure: string;
  /** The whole reason of the oldest of them; null where none is known. */
  readonly told: string | null;
  /** They, or what stands in their place, are tried again by themselves. */
  readonly again: boolean;
  readonly count: number;
  /** Units of all of them together; null where they move none, or it is not known. */
  readonly units: bigint | null;
  /** When the oldest ended without effect first, however often it was tried since. */
  readonly since: Date;
}

/** An action that ended without effect, and what is left to do about it. */
export interface FailedAction {
  readonly id: string;
  readonly kind: FailedKindName;
  /** `planned` where it is about to be tried again. */
  readonly state: "failed" | "refused" | "planned";
  readonly failure: string | null;
  readonly again: boolean;
  readonly units: bigint | null;
  readonly since: Date;
}

/** Whether the row `a` ended without effect, and has had none since: one that is planned again is stuck still. */
export const stuckSql = sql<boolean>`(a.state in ('failed', 'refused')
  or a.state = 'planned' and (a.refusals > 0 or a.failed_since is not null))`;

/** Since when the row `a` is stuck; a version before knew its last try alone. */
export const stuckSinceSql = sql<Date>`coalesce(a.failed_since, a.changed_at)`;

/** Failed actions that nobody has set aside and of which what they were for is not over. */
const left = sql`select a.id, ${failedKindSql} as kind, a.state, a.failure,
    (a.retry_at is not null or a.state = 'planned') as retried, ${stuckSinceSql} as since, ${byKind("units")} as units
  from chain_actions a
  where ${stuckSql} and a.abandoned_at is null and not (${byKind("over")})`;

/** In groups, those first that nothing tries by itself, and of these the oldest. */
export async function failedGroups(db: Database, most: number): Promise<readonly FailedGroup[]> {
  const { rows } = await sql<Omit<FailedGroup, "units" | "again"> & { units: string | null; retried: boolean }>`
    select kind, split_part(coalesce(failure, 'no reason is known'), ':', 1) as failure, retried,
      (array_agg(failure order by since, id))[1] as told, count(*)::int as count, sum(units)::text as units, min(since) as since
    from (${left}) f group by kind, split_part(coalesce(failure, 'no reason is known'), ':', 1), retried
    order by retried, since limit ${most}`.execute(db);
  return rows
    .map(({ retried, units, ...row }) => ({ ...row, ...amountOf(units), again: isTriedAgain(row.kind, retried) }))
    .toSorted((one, other) => Number(one.again) - Number(other.again));
}

/** One by one, the newest first. */
export async function failedActions(db: Database, most: number): Promise<readonly FailedAction[]> {
  const { rows } = await sql<Omit<FailedAction, "units" | "again"> & { units: string | null; retried: boolean }>`
    select * from (${left}) f order by since desc, id limit ${most}`.execute(db);
  return rows.map(({ retried, units, ...row }) => ({
    ...{ ...row, ...amountOf(units === null ? null : String(units)) },
    again: isTriedAgain(row.kind, retried),
  }));
}

/** How many are stuck since a time or longer, the oldest first, of at most so many; null where none is. */
export async function failedSince(
  db: Database,
  { at, most }: { readonly at: Date; readonly most: number },
): Promise<{ readonly count: number; readonly oldest: Date; readonly newest: Date } | null> {
  const { rows } = await sql<{ count: number; oldest: Date | null; newest: Date | null }>`
    select count(*)::int as count, min(since) as oldest, max(since) as newest
    from (select since from (${left}) f where since <= ${at} order by since limit ${most}) g`.execute(db);
  const [{ count, oldest, newest } = { count: 0, oldest: null, newest: null }] = rows;
  return oldest === null || newest === null ? null : { count, oldest, newest };
}

function isTriedAgain(kind: FailedKindName, retried: boolean): boolean {
  return retried || FAILED_KINDS[kind].byItself;
}

function amountOf(units: string | null): { readonly units: bigint | null } {
  return { units: units === null ? null : BigInt(units) };
}
