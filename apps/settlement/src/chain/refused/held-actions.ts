import { Inject, Injectable } from "@nestjs/common";
import { recordAction } from "../../books/audit-log/record-action.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { DATABASE, type Database } from "../../foundation/database/database.ts";
import { retryingTransaction } from "../../foundation/database/retrying-transaction.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Actor } from "../../foundation/http/roles.ts";
import { abandonAction, retryAction } from "./retries.ts";

/** What a person decides about: the chain action, and the caller's own name of it. */
export interface HeldAction {
  readonly actionId: string;
  /** Such as `funding:ID`. */
  readonly subject: string;
  /** In the person's own words, for the audit log. */
  readonly reason: string;
}

/** What persons do about a funding or payout that waits or was refused; each may be done twice. */
@Injectable()
export class HeldActions {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Has it simulated and sent at once. Without effect where it is under way or done. */
  async retry({ actionId, subject, reason }: HeldAction, actor: Actor): Promise<void> {
    await retryingTransaction(this.db, async (trx) => {
      const at = new Date(this.clock.now());
      if (!(await retryAction(trx, actionId, at))) return;
      await recordAction(trx, { action: "action-retried", actor, subject, details: { reason }, at });
    });
  }

  /** Gives it up. Throws Problem ACTION_UNDER_WAY where it is signed or done. */
  async abandon({ actionId, subject, reason }: HeldAction, actor: Actor): Promise<void> {
    await retryingTransaction(this.db, async (trx) => {
      const at = new Date(this.clock.now());
      const outcome = await abandonAction(trx, actionId, at);
      if (outcome === "under way") throw new Problem("ACTION_UNDER_WAY", "Wait for its end; it has one effect.");
      if (outcome === "abandoned before") return;
      await recordAction(trx, { action: "action-abandoned", actor, subject, details: { reason }, at });
    });
  }
}
