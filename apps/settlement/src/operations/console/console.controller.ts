import { Controller, Get, Header, Inject } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { formatTotal, type Asset } from "@tallystick/money";
import { toHex } from "@tallystick/protocol";
import { AnchoredRoots } from "../../books/ledger-log/anchored-roots.ts";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { ASSET } from "../../foundation/http/amounts.ts";
import { RequireRole } from "../../foundation/http/roles.ts";
import { BatchViews } from "../../vouchers/batches/batch-views.ts";
import { ForkViews } from "../../vouchers/forks/fork-views.ts";
import { LateReversals } from "../../vouchers/returns/late-reversals.ts";
import { ReturnViews } from "../../vouchers/returns/return-views.ts";
import { WithheldViews } from "../../vouchers/withheld/withheld-views.ts";
import { QueueViews } from "../../work/queue-views.ts";
import { Readiness } from "../readiness/readiness.ts";
import { Reconciliation, type MoneySide } from "../reconciliation/reconciliation.ts";
import { consolePage, type ConsoleData } from "./console-page.ts";

@ApiExcludeController()
@RequireRole("any")
@Controller()
export class ConsoleController {
  constructor(
    @Inject(Reconciliation) private readonly reconciliation: Reconciliation,
    @Inject(AnchoredRoots) private readonly anchors: AnchoredRoots,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(QueueViews) private readonly work: QueueViews,
    @Inject(BatchViews) private readonly batches: BatchViews,
    @Inject(ForkViews) private readonly forks: ForkViews,
    @Inject(ReturnViews) private readonly returns: ReturnViews,
    @Inject(LateReversals) private readonly late: LateReversals,
    @Inject(WithheldViews) private readonly withheld: WithheldViews,
    @Inject(ASSET) private readonly asset: Asset,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Header("content-type", "text/html; charset=utf-8")
  async page(): Promise<string> {
    const [ready, work, batches, forks, reversals, unconfirmed, returns, withheld, anchors, money] = await Promise.all([
      this.readiness.report(),
      this.work.summary(),
      this.batches.list(),
      this.forks.list(),
      this.returns.reversals(),
      this.late.waiting(),
      this.returns.returns(),
      this.withheld.list(),
      this.anchors.report(),
      this.money(),
    ]);
    return consolePage({
      now: new Date(this.clock.now()).toISOString(),
      asset: this.asset.code,
      vault: toHex(this.config.vault),
      chainId: this.config.chainId.toString(),
      reasons: ready.reasons,
      warnings: ready.warnings,
      ...money,
      anchors,
      work,
      batches,
      forks,
      returns: { reversals, unconfirmed, returns },
      withheld,
    });
  }

  /** The page must show the queues also while the chain is away. */
  private async money(): Promise<Pick<ConsoleData, "money" | "moneyFault">> {
    const texts = (side: MoneySide) =>
      Object.fromEntries(Object.entries(side).map(([name, units]) => [name, formatTotal(units, this.asset)]));
    try {
      const report = await this.reconciliation.report();
      const difference = report.ledgerDifference === 0n ? "0" : formatTotal(report.ledgerDifference, this.asset);
      return {
        money: {
          block: report.block.toString(),
          chain: texts(report.chain),
          ledger: texts(report.ledger),
          acceptedUnpaid: formatTotal(report.acceptedUnpaid, this.asset),
          issuerOwes: {
            vouchers: formatTotal(report.issuerOwes.vouchers, this.asset),
            ledger: formatTotal(report.issuerOwes.ledger, this.asset),
          },
          difference,
        },
        moneyFault: null,
      };
    } catch (error) {
      return { money: null, moneyFault: error instanceof Error ? error.message : "The chain cannot be read." };
    }
  }
}
