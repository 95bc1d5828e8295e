import { sql } from "kysely";
import type { DatabaseTransaction } from "../database/database.ts";

/**
 * What a worker can be woken for. The subject is the id of a row; a job never carries data.
 * - `send`: a chain action; `batch`: an upload whose vouchers wait; `compensate`: a voucher the
 *   vault cannot pay;
 * - `status-list`: a card whose status changed; `allowance`: a card whose next allowance may be due
 *   by policy;
 * - `convict`: a card that signed two messages with one counter.
 */
export const TOPICS = ["send", "batch", "compensate", "status-list", "allowance", "convict"] as const;

export type Topic = (typeof TOPICS)[number];

export function isTopic(value: string): value is Topic {
  return (TOPICS as readonly string[]).includes(value);
}

/** The subject that names a row by its key of bytes. */
export function subjectOf(key: Uint8Array): string {
  return Buffer.from(key).toString("hex");
}

export function keyOfSubject(subject: string): Uint8Array {
  return Buffer.from(subject, "hex");
}

/** Whom to wake, and for what. */
export interface WakeUp {
  readonly topic: Topic;
  readonly subject: string;
}

/** Writes wake-up calls, in their order, in the transaction that stores their reason. */
export async function enqueueAll(trx: DatabaseTransaction, wakeUps: readonly WakeUp[], at: Date): Promise<void> {
  if (wakeUps.length === 0) return;
  await sql`
    insert into outbox (topic, subject, created_at)
    select topic, subject, ${at}::timestamptz
    from unnest(${wakeUps.map(({ topic }) => topic)}::text[], ${wakeUps.map(({ subject }) => subject)}::text[])
      with ordinality as w (topic, subject, place) order by place`.execute(trx);
}

/** Writes a wake-up call in the transaction that stores its reason. */
export async function enqueue(trx: DatabaseTransaction, topic: Topic, subject: string, at: Date): Promise<void> {
  await trx.insertInto("outbox").values({ topic, subject, created_at: at }).execute();
}
