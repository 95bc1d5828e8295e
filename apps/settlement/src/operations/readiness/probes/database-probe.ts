import { sql } from "kysely";
import type { Database } from "../../../foundation/database/database.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { type Finding, type Probe, type ProbeFault, reason } from "../findings.ts";

/** Whether PostgreSQL answers and takes writes. */
export class DatabaseProbe implements Probe {
  readonly name = "database";
  readonly everyMs = LIMITS.probeMs;
  private readonly db: Database;

  constructor(db: Database) {
    this.db = db;
  }

  async look(): Promise<readonly Finding[]> {
    const { rows } = await sql<{ read_only: boolean }>`
      select pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as read_only`.execute(
      this.db,
    );
    if (rows[0]?.read_only !== true) return [];
    const next = "Let databaseUrl name the primary server, or let the standby be promoted.";
    return [reason("DATABASE_READ_ONLY", "PostgreSQL takes no writes: uploads are refused.", next)];
  }

  fault(how: ProbeFault): readonly Finding[] {
    const what = how.kind === "hangs" ? `has not answered for ${Math.round(how.forMs / 1_000)} s` : "does not answer";
    const message = `PostgreSQL ${what}: uploads are refused until it does.`;
    return [reason("DATABASE_UNAVAILABLE", message, "Start PostgreSQL, or correct databaseUrl.")];
  }
}
