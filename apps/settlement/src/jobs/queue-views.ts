import { Inject, Injectable } from "@nestjs/common";
import { toHex } from "@tallystick/protocol";
import { sql } from "kysely";
import { DATABASE, type Database } from "../foundation/database/database.ts";
import { LIMITS } from "../foundation/limits/limits.ts";

export interface WorkSummary {
  readonly vouchers: Readonly<Record<string, number>>;
  readonly actions: Readonly<Record<string, number>>;
  /** Open chain actions that wait for something, and why. */
  readonly waiting: readonly { key: string; kind: string; state: string; failure: string | null }[];
  readonly outbox: number;
  readonly anomalies: readonly { kind: string; detail: string; payee: string | null; foundAt: string }[];
}

/** What waits, as PostgreSQL has it: Redis only knows which workers were woken. */
@Injectable()
export class QueueViews {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  async summary(): Promise<WorkSummary> {
    const [vouchers, actions, outbox, waiting, anomalies] = await Promise.all([
      this.countsOf("vouchers"),
      this.countsOf("chain_actions"),
      this.db
        .selectFrom("outbox")
        .select((select) => select.fn.countAll<bigint>().as("count"))
        .executeTakeFirstOrThrow(),
      this.db
        .selectFrom("chain_actions")
        .select(["key", "kind", "state", "failure"])
        .where("state", "not in", ["final"])
        .orderBy("created_at", "desc")
        .limit(LIMITS.listRows)
        .execute(),
      this.db.selectFrom("anomalies").selectAll().orderBy("id", "desc").limit(LIMITS.listRows).execute(),
    ]);
    return {
      vouchers,
      actions,
      waiting,
      outbox: Number(outbox.count),
      anomalies: anomalies.map(({ kind, detail, payee, found_at }) => ({
        kind,
        detail,
        payee: payee === null ? null : toHex(payee),
        foundAt: found_at.toISOString(),
      })),
    };
  }

  private async countsOf(table: "vouchers" | "chain_actions"): Promise<Record<string, number>> {
    const rows = await this.db
      .selectFrom(table)
      .select(["state", sql<number>`count(*)::int`.as("count")])
      .groupBy("state")
      .execute();
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }
}
