import { Inject, Injectable } from "@nestjs/common";
import { AnchoredRoots, type AnchorReport } from "../../books/ledger-log/anchored-roots.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { Reconciliation, type ReconciliationReport } from "./reconciliation.ts";
import { SharedRead, type Shared } from "../../foundation/shared-read.ts";

/** Chain and books side by side, and the ledger's roots on the chain. */
export interface MoneyReport {
  readonly money: ReconciliationReport;
  readonly anchors: AnchorReport;
}

/**
 * The reconciliation for everybody who asks: it reads every card with money, so it is made once at a
 * time and rests in between.
 */
@Injectable()
export class MoneyReports {
  private readonly shared: SharedRead<MoneyReport>;

  constructor(@Inject(Reconciliation) reconciliation: Reconciliation, @Inject(AnchoredRoots) anchors: AnchoredRoots) {
    this.shared = new SharedRead({
      read: async () => {
        const [money, report] = await Promise.all([reconciliation.report(), anchors.report()]);
        return { money, anchors: report };
      },
      rest: LIMITS.sumRest,
    });
  }

  /**
   * A report that is at most `freshMs` old, or what is there after `withinMs`; null where there is
   * none. Throws what kept the newest one from being made.
   */
  get(patience: { readonly freshMs: number; readonly withinMs: number }): Promise<Shared<MoneyReport> | null> {
    return this.shared.get(patience);
  }
}
