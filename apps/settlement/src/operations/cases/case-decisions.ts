import { Inject, Injectable } from "@nestjs/common";
import { sql } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import { personOf, type Actor } from "../../foundation/http/roles.ts";
import { standsSql } from "./case-rows.ts";

/** Which case, what a person says about it, and who it is. */
export interface CaseDecision {
  readonly id: bigint;
  readonly reason: string;
  readonly actor: Actor;
}

/** What persons do with cases; each may be sent twice. */
@Injectable()
export class CaseDecisions {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Takes a case, also out of another's hands. Throws Problem NOT_FOUND, CASE_RESOLVED, NAME_NEEDED. */
  async take({ id, reason, actor }: CaseDecision): Promise<"open" | "over"> {
    const who = personOf(actor);
    return retryingTransaction(this.db, async (trx) => {
      const found = await lockedCase(trx, id);
      if (found.resolved) throw new Problem("CASE_RESOLVED", "It is resolved; there is nothing to take.");
      const state = found.over ? "over" : "open";
      if (found.owner === who) return state;
      await trx.updateTable("cases").set({ owner: who }).where("id", "=", id).execute();
      await this.note(trx, { id, reason, actor }, "taken");
      const at = new Date(this.clock.now());
      const details = { kind: found.kind, reason };
      await recordAction(trx, { action: "case-taken", actor, subject: `case:${id}`, details, at });
      return state;
    });
  }

  /**
   * Resolves a case whose cause is over, for this reason. A second time it has no effect. Throws
   * Problem NOT_FOUND, CASE_STANDS, NAME_NEEDED.
   */
  async resolve({ id, reason, actor }: CaseDecision): Promise<"resolved"> {
    const who = personOf(actor);
    return retryingTransaction(this.db, async (trx) => {
      const found = await lockedCase(trx, id);
      if (found.resolved) return "resolved" as const;
      if (found.stands) throw new Problem("CASE_STANDS", `${found.detail} Once that is over, say why.`);
      const at = new Date(this.clock.now());
      await trx
        .updateTable("cases")
        .set({ resolved_at: at, owner: found.owner ?? who })
        .where("id", "=", id)
        .execute();
      await this.note(trx, { id, reason, actor }, "resolved");
      const details = { kind: found.kind, reason };
      await recordAction(trx, { action: "case-resolved", actor, subject: `case:${id}`, details, at });
      return "resolved" as const;
    });
  }

  private async note(trx: DatabaseTransaction, decision: CaseDecision, kind: "taken" | "resolved"): Promise<void> {
    const { id, reason, actor } = decision;
    const at = new Date(this.clock.now());
    await trx
      .insertInto("case_events")
      .values({ case_id: id, kind, who: actor.name, role: actor.role, reason, at })
      .execute();
  }
}

interface LockedCase {
  readonly kind: string;
  readonly detail: string;
  readonly owner: string | null;
  readonly resolved: boolean;
  readonly over: boolean;
  readonly stands: boolean;
}

/** Locks the row first: what stands is looked at as it is then. */
async function lockedCase(trx: DatabaseTransaction, id: bigint): Promise<LockedCase> {
  await sql`select from cases where id = ${id}::bigint for update`.execute(trx);
  const { rows } = await sql<LockedCase>`
    select kind, detail, owner, resolved_at is not null as resolved, ended_at is not null as over, ${standsSql} as stands
    from cases c where id = ${id}::bigint`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new Problem("NOT_FOUND", "There is no case with this number.");
  return row;
}
