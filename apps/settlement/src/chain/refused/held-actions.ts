import { Inject, Injectable } from "@nestjs/common";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { heldColumns, heldView, type HeldActionView } from "./held-views.ts";
import { abandonAction, retryAction } from "./retries.ts";

/** What callers ask for and name: the table is that of the same name. */
export type HeldKind = "funding" | "payout";

/** Which one, what a person says about it for the audit log, and who it is. */
export interface HeldDecision {
  readonly kind: HeldKind;
  readonly id: string;
  readonly reason: string;
  readonly actor: Actor;
}

/** Fundings and payouts that may wait for what they lack; what persons decide may be sent twice. */
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

  /** Has it simulated and sent at once. Without effect where it is under way or done. */
  async retry({ kind, id, reason, actor }: HeldDecision): Promise<HeldActionView> {
    const { action_id: action } = await this.row(kind, id);
    await retryingTransaction(this.db, async (trx) => {
      const at = new Date(this.clock.now());
      if (!(await retryAction(trx, action, at))) return;
      const subject = `${kind}:${id}`;
      await recordAction(trx, { action: "action-retried", actor, subject, details: { reason }, at });
    });
    return await this.view(kind, id);
  }

  /** Gives it up. Throws Problem ACTION_UNDER_WAY where it is signed or done. */
  async abandon({ kind, id, reason, actor }: HeldDecision): Promise<HeldActionView> {
    const { action_id: action } = await this.row(kind, id);
    await retryingTransaction(this.db, async (trx) => {
      const at = new Date(this.clock.now());
      const outcome = await abandonAction(trx, action, at);
      if (outcome === "under way") throw new Problem("ACTION_UNDER_WAY", "Wait for its end; it has one effect.");
      if (outcome === "abandoned before") return;
      const subject = `${kind}:${id}`;
      await recordAction(trx, { action: "action-abandoned", actor, subject, details: { reason }, at });
    });
    return await this.view(kind, id);
  }

  private async row(kind: HeldKind, id: string) {
    const named =
      kind === "funding"
        ? this.db.selectFrom("fundings").select("action_id").where("id", "=", id)
        : this.db.selectFrom("payouts").select("action_id").where("id", "=", id);
    const row = await this.db
      .selectFrom("chain_actions")
      .select(heldColumns)
      .where("chain_actions.id", "=", named)
      .executeTakeFirst();
    if (row === undefined) throw new Problem("NOT_FOUND", `There is no ${kind} with this id.`);
    return row;
  }
}
