import { Inject, Injectable } from "@nestjs/common";
import { fromHex, toHex } from "@tallystick/protocol";
import { CONFIG, type Config } from "../../../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../../../foundation/database/database.ts";
import type { ApprovalAnswer } from "../../../approvals/approval-answers.ts";
import { ApprovalDecisions } from "../../../approvals/approval-decisions.ts";

/** What waits for a second person, and what became of what waited. */
export interface ApprovalsView {
  readonly approvals: readonly ApprovalAnswer[];
  /** What payees of payouts are called, by address; those without a name are left out. */
  readonly names: ReadonlyMap<string, string>;
  /** The sum above which a second person is asked, in display units; null where none is named. */
  readonly above: string | null;
  /** The sum that one person moves alone within a day, likewise. */
  readonly aboveADay: string | null;
}

/** Approvals for their page. */
@Injectable()
export class ApprovalReader {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    @Inject(ApprovalDecisions) private readonly decisions: ApprovalDecisions,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async read(): Promise<ApprovalsView> {
    const approvals = await this.decisions.list();
    const payees = approvals.filter(({ kind }) => kind === "payout").map(({ subject }) => fromHex(subject, 20));
    const named =
      payees.length === 0
        ? []
        : await this.db.selectFrom("merchant_names").select(["payee", "name"]).where("payee", "in", payees).execute();
    const names = new Map(named.map(({ payee, name }) => [toHex(payee), name]));
    const { above = null, aboveADay = null } = this.config.approvals;
    return { approvals, names, above, aboveADay };
  }
}
