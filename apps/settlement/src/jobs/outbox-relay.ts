import { Inject, Injectable } from "@nestjs/common";
import { DATABASE, type Database } from "../foundation/database/database.ts";
import { LIMITS } from "../foundation/limits/limits.ts";
import { isTopic } from "../foundation/outbox/outbox.ts";
import { Queues } from "./queues.ts";

/**
 * Carries wake-up calls from PostgreSQL to the queue. A row is removed in the transaction that saw
 * it delivered, so a crash between the two delivers twice and never zero times. SKIP LOCKED lets
 * several relays run at once.
 */
@Injectable()
export class OutboxRelay {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(Queues) private readonly queues: Queues,
  ) {}

  /** Delivers every row that is there. */
  async pass(): Promise<void> {
    while ((await this.deliverSome()) === LIMITS.outboxRows);
  }

  /** How many rows it delivered. */
  private deliverSome(): Promise<number> {
    return this.db.transaction().execute(async (trx) => {
      const rows = await trx
        .selectFrom("outbox")
        .selectAll()
        .orderBy("id")
        .limit(LIMITS.outboxRows)
        .forUpdate()
        .skipLocked()
        .execute();
      if (rows.length === 0) return 0;
      for (const row of rows) {
        if (!isTopic(row.topic)) throw new Error(`The outbox holds the unknown topic ${row.topic}.`);
        await this.queues.add(row.topic, row.subject);
      }
      const ids = rows.map((row) => row.id);
      await trx.deleteFrom("outbox").where("id", "in", ids).execute();
      return rows.length;
    });
  }
}
