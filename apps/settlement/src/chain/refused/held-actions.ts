import { Inject, Injectable } from "@nestjs/common";
import { sql } from "kysely";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database, type DatabaseTransaction } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { mayDo, ROLES_OF } from "../../foundation/rights.ts";
import { FAILED_KINDS, failedKindSql, type FailedKindName } from "./failed-kinds.ts";
import { heldColumns, heldView, type HeldActionView } from "./held-views.ts";
import { abandonAction, retryAction } from "./retries.ts";

/** What callers ask for and name: the table is that of the same name; of every other kind, the action itself. */
export type HeldKind = "funding" | "payout" | "action";

/** Which one, what a person says about it for the audit log, and who it is. */
export interface HeldDecision {
  readonly kind: HeldKind;
  readonly id: string;
  readonly reason: string;
  readonly actor: Actor;
}

/** Actions that may wait for what they lack, or ended without effect; what persons decide may be sent twice. */
@Injectable()
export class HeldActions {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws Problem NOT_FOUND. */
  async view(kind: HeldKind, id: string): Promise<HeldActionView> {
    return heldView(id, await this.row(kind, id));
  }

  /**
   * Has it simulated and sent at once. Without effect where it is under way or done. Throws Problem FORBIDDEN and
   * DECIDED_ELSEWHERE of an action whose kind is not tried again by this caller, or by nobody.
   */
  async retry({ kind, id, reason, actor }: HeldDecision): Promise<HeldActionView> {
    const { action_id: action } = await this.row(kind, id);
    if (kind === "action") await this.assertMay("retry", action, actor);
    await retryingTransaction(this.db, async (trx) => {
      const at = new Date(this.clock.now());
      if (!(await retryAction(trx, action, at))) return;
      const subject = await subjectOf(trx, { kind, id });
      await recordAction(trx, { action: "action-retried", actor, subject, details: { reason }, at });
    });
    return await this.view(kind, id);
  }

  /** Gives it up. Throws Problem ACTION_UNDER_WAY where it is signed or done; else like `retry`. */
  async abandon({ kind, id, reason, actor }: HeldDecision): Promise<HeldActionView> {
    const { action_id: action } = await this.row(kind, id);
    if (kind === "action") await this.assertMay("setAside", action, actor);
    await retryingTransaction(this.db, async (trx) => {
      const at = new Date(this.clock.now());
      const outcome = await abandonAction(trx, action, at);
      if (outcome === "under way") throw new Problem("ACTION_UNDER_WAY", "Wait for its end; it has one effect.");
      if (outcome === "abandoned before") return;
      const subject = await subjectOf(trx, { kind, id });
      await recordAction(trx, { action: "action-abandoned", actor, subject, details: { reason }, at });
    });
    return await this.view(kind, id);
  }

  /** By the table of kinds: what a thing is for decides about some of them. */
  private async assertMay(what: "retry" | "setAside", id: string, { role }: Actor): Promise<void> {
    const { rows } = await sql<{ kind: FailedKindName }>`select ${failedKindSql} as kind from chain_actions a
      where a.id = ${id}`.execute(this.db);
    const [found] = rows;
    if (found === undefined) throw new Problem("NOT_FOUND", "There is no action with this id.");
    const { who, next, ...rights } = FAILED_KINDS[found.kind];
    const right = rights[what];
    if (right === null) throw new Problem("DECIDED_ELSEWHERE", `${who} must ${next}.`);
    if (!mayDo(role, right))
      throw new Problem("FORBIDDEN", `This needs one of the roles ${ROLES_OF[right].join(", ")}.`);
  }

  private async row(kind: HeldKind, id: string) {
    const actions = this.db.selectFrom("chain_actions").select(heldColumns);
    const named = {
      funding: () => this.db.selectFrom("fundings").select("action_id").where("id", "=", id),
      payout: () => this.db.selectFrom("payouts").select("action_id").where("id", "=", id),
      action: () => this.db.selectFrom("chain_actions").select("id as action_id").where("id", "=", id),
    }[kind]();
    const row = await actions.where("chain_actions.id", "=", named).executeTakeFirst();
    if (row === undefined) throw new Problem("NOT_FOUND", `There is no ${kind} with this id.`);
    return row;
  }
}

/** For the audit log: a funding and a payout are named as such, whichever call is about them. */
async function subjectOf(
  trx: DatabaseTransaction,
  { kind, id }: { readonly kind: HeldKind; readonly id: string },
): Promise<string> {
  if (kind !== "action") return `${kind}:${id}`;
  const { rows } = await sql<{ subject: string }>`
    select 'funding:' || id as subject from fundings where action_id = ${id}
    union all select 'payout:' || id from payouts where action_id = ${id} limit 1`.execute(trx);
  return rows[0]?.subject ?? `action:${id}`;
}
