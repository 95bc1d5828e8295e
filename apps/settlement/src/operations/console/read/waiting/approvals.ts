import { Inject, Injectable } from "@nestjs/common";
import { formatTotal } from "@tallystick/money";
import { within } from "@tallystick/program";
import { fromHex } from "@tallystick/protocol";
import { VAULT_CONTRACT } from "../../../../chain/chain-connections.ts";
import type { VaultContract } from "../../../../chain/vault-contract.ts";
import { CONFIG, type Config } from "../../../../foundation/config/config.ts";
import { DATABASE, type Database } from "../../../../foundation/database/database.ts";
import type { ApprovalAnswer } from "../../../approvals/approval-answers.ts";
import { payeeNames, type PayeeNames } from "../../../names/payee-names.ts";
import { ApprovalDecisions } from "../../../approvals/approval-decisions.ts";
import { LONG_ROWS, PAGE_WAIT_MS } from "../../limits.ts";

/** What waits for a second person, and what became of what waited. */
export interface ApprovalsView {
  readonly approvals: readonly ApprovalAnswer[];
  /** What payees of payouts are called, by address; those without a name are left out. */
  readonly names: PayeeNames;
  /** What payouts that wait would pay now, in display units, by payee; where the vault could not be read, nothing. */
  readonly owed: ReadonlyMap<string, string>;
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
    @Inject(VAULT_CONTRACT) private readonly contract: Pick<VaultContract, "merchant">,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async read(): Promise<ApprovalsView> {
    const approvals = await this.decisions.list();
    const payouts = approvals.filter(({ kind }) => kind === "payout");
    const [names, owed] = await Promise.all([
      payeeNames(
        this.db,
        payouts.map(({ subject }) => subject),
      ),
      this.owed(payouts.filter(({ state }) => state === "waiting")),
    ]);
    const { above = null, aboveADay = null } = this.config.approvals;
    return { approvals, names, owed, above, aboveADay };
  }

  /** As the vault shows it at this moment; a node that is away or slow keeps the page from nobody. */
  private async owed(waiting: readonly ApprovalAnswer[]): Promise<ReadonlyMap<string, string>> {
    const reads = waiting.slice(0, LONG_ROWS).map(async ({ subject }) => {
      const read = await within(PAGE_WAIT_MS, this.contract.merchant(fromHex(subject), "latest")).catch(() => null);
      if (read === null) return [];
      return [[subject, formatTotal(read.value.earned - read.value.withdrawn, this.config.asset)] as const];
    });
    return new Map((await Promise.all(reads)).flat());
  }
}
