import { Inject, Injectable } from "@nestjs/common";
import { CONFIG, type Config } from "../../../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../../../foundation/database/database.ts";
import type { ApprovalAnswer } from "../../../approvals/approval-answers.ts";
import { payeeNames, type PayeeNames } from "../../../names/payee-names.ts";
import { ApprovalDecisions } from "../../../approvals/approval-decisions.ts";

/** What waits for a second person, and what became of what waited. */
export interface ApprovalsView {
  readonly approvals: readonly ApprovalAnswer[];
  /** What payees of payouts are called, by address; those without a name are left out. */
  readonly names: PayeeNames;
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
    const payouts = approvals.filter(({ kind }) => kind === "payout");
    const names = await payeeNames(
      this.db,
      payouts.map(({ subject }) => subject),
    );
    const { above = null, aboveADay = null } = this.config.approvals;
    return { approvals, names, above, aboveADay };
  }
}
