import { sql } from "kysely";
import type { Database } from "../../../foundation/database/database.ts";
import { DAY_MS, LIMITS } from "../../../foundation/limits/limits.ts";
import { HOUR_MS, MINUTE_MS } from "../../../foundation/people/limits.ts";
import { type Finding, type Probe, reason } from "../findings.ts";
import type { ChainHead } from "./chain-probe.ts";

/** What stands in the database of the work that is under way; times in milliseconds. */
export interface Progress {
  /** The last final block whose events are recorded; null before the first. */
  readonly cursorAtMs: number | null;
  readonly oldestAction: { readonly key: string; readonly sinceMs: number; readonly failure: string | null } | null;
  /** When the newest action was planned that has waited too long; null where none has. */
  readonly newestStandingMs: number | null;
  readonly oldestUnbatchedMs: number | null;
  readonly oldestCallMs: number | null;
}

export interface ProgressProbeParts {
  readonly read: () => Promise<Progress>;
  /** Null while the node does not answer. */
  readonly head: () => ChainHead | null;
  readonly now: () => number;
  readonly batchMaxAgeMs: number;
}

/** Whether what was begun goes on: whatever else answers, this is where it shows. */
export class ProgressProbe implements Probe {
  readonly name = "progress";
  readonly everyMs = LIMITS.probeMs;
  private readonly parts: ProgressProbeParts;

  constructor(parts: ProgressProbeParts) {
    this.parts = parts;
  }

  async look(): Promise<readonly Finding[]> {
    const { read, head, now, batchMaxAgeMs } = this.parts;
    const { cursorAtMs, oldestAction, newestStandingMs, oldestUnbatchedMs, oldestCallMs } = await read();
    const at = now();
    const findings: Finding[] = [];
    const finalizedAtMs = head()?.finalizedAtMs ?? null;
    const behind = cursorAtMs === null || finalizedAtMs === null ? 0 : finalizedAtMs - cursorAtMs;
    if (behind > LIMITS.cursorBehindMs) {
      const message = `The chain's events are recorded up to ${waited(behind)} before its last final block.`;
      const next = "See the log of the process with the role workers: ChainWatcher names what it waits for.";
      findings.push(reason("EVENTS_BEHIND", message, next));
    }
    if (oldestAction !== null && at - oldestAction.sinceMs > LIMITS.actionStandsMs) {
      const { key, sinceMs, failure } = oldestAction;
      const message = `The action ${key} has waited ${waited(at - sinceMs)} for a block${failure === null ? "" : `: ${failure}`}.`;
      const next = "Do what its reason names; GET /v1/queues lists every action that waits.";
      const renewed = new Date((newestStandingMs ?? sinceMs) + LIMITS.actionStandsMs);
      findings.push({ ...reason("ACTIONS_STAND", message, next), since: new Date(sinceMs), renewed });
    }
    if (oldestUnbatchedMs !== null && at - oldestUnbatchedMs > batchMaxAgeMs + LIMITS.unbatchedStandsMs) {
      const message = `A voucher has waited ${waited(at - oldestUnbatchedMs)} for a batch.`;
      const next = "See whether a process with the role workers runs, and what its log says of BatchBuilder.";
      findings.push({ ...reason("VOUCHERS_STAND", message, next), since: new Date(oldestUnbatchedMs) });
    }
    if (oldestCallMs !== null && at - oldestCallMs > LIMITS.outboxStandsMs) {
      const message = `A wake-up call has waited ${waited(at - oldestCallMs)} for its queue.`;
      const next = "See whether a process with the role workers runs, and whether Redis takes writes.";
      findings.push({ ...reason("OUTBOX_STANDS", message, next), since: new Date(oldestCallMs) });
    }
    return findings;
  }

  /** A database that is away has its own reason. */
  fault(): readonly Finding[] {
    return [];
  }
}

/**
 * Reads the progress in one query. Compensations wait for their own account, which has reasons of
 * its own.
 */
export async function readProgress(db: Database, now: number): Promise<Progress> {
  const { rows } = await sql<{
    cursor: string | null;
    action_key: string | null;
    action_since: Date | null;
    action_failure: string | null;
    standing: Date | null;
    unbatched: Date | null;
    call: Date | null;
  }>`
    with oldest as (
      select key, created_at, failure from chain_actions
      where state in ('planned', 'reserved', 'signed', 'broadcast') and kind <> 'compensate'
      order by created_at limit 1)
    select (select block_time from chain_cursor)::text as cursor,
      (select key from oldest) as action_key,
      (select created_at from oldest) as action_since,
      (select failure from oldest) as action_failure,
      (select max(created_at) from chain_actions
        where state in ('planned', 'reserved', 'signed', 'broadcast') and kind <> 'compensate'
          and created_at < ${new Date(now - LIMITS.actionStandsMs)}) as standing,
      (select min(received_at) from vouchers where state = 'received') as unbatched,
      (select min(created_at) from outbox) as call`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("The database answered no row.");
  const { action_key: key, action_since: since, action_failure: failure } = row;
  return {
    cursorAtMs: row.cursor === null ? null : Number(row.cursor) * 1_000,
    oldestAction: key === null || since === null ? null : { key, sinceMs: since.getTime(), failure },
    newestStandingMs: row.standing?.getTime() ?? null,
    oldestUnbatchedMs: row.unbatched?.getTime() ?? null,
    oldestCallMs: row.call?.getTime() ?? null,
  };
}

const UNITS = [
  ["day", DAY_MS],
  ["hour", HOUR_MS],
] as const;

/** How long something has waited, in a unit that somebody can grasp. */
function waited(ms: number): string {
  const [unit, each] = UNITS.find(([, length]) => ms >= 2 * length) ?? ["minute", MINUTE_MS];
  const count = Math.floor(ms / each);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
