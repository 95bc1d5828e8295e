import { Inject, Injectable } from "@nestjs/common";
import { formatTotal, type Asset } from "@tallystick/money";
import { within } from "@tallystick/program";
import { toHex } from "@tallystick/protocol";
import { CLOCK, type Clock } from "../../foundation/clock.ts";
import { CONFIG, type Config } from "../../foundation/config/config.ts";
import { ASSET, baseUnitsText } from "../../foundation/http/amounts.ts";
import { LIMITS } from "../../foundation/limits/limits.ts";
import { BatchViews } from "../../vouchers/batches/batch-views.ts";
import { ForkViews } from "../../vouchers/forks/fork-views.ts";
import { LateReversals } from "../../vouchers/returns/late-reversals.ts";
import { ReturnViews } from "../../vouchers/returns/return-views.ts";
import { WithheldViews } from "../../vouchers/withheld/withheld-views.ts";
import { QueueViews } from "../../jobs/queue-views.ts";
import { MoneyReports } from "../reconciliation/money-reports.ts";
import { Readiness } from "../readiness/readiness.ts";
import type { MoneySide } from "../reconciliation/reconciliation.ts";
import { SharedRead } from "../shared-read.ts";
import type { ConsoleData, ConsoleMoney, ConsoleRecords } from "./console-page.ts";

/**
 * Reads what the operators' page shows, once for everybody who looks: the page is there within a
 * second, with older figures where a part hangs.
 */
@Injectable()
export class ConsoleReader {
  private readonly records: SharedRead<ConsoleRecords>;

  constructor(
    @Inject(MoneyReports) private readonly reports: MoneyReports,
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
  ) {
    this.records = new SharedRead({ read: () => this.readRecords(), rest: 1 });
  }

  async read(): Promise<ConsoleData> {
    const [{ reasons, warnings }, records, money] = await Promise.all([
      this.readiness.report(),
      this.newestRecords(),
      this.money(),
    ]);
    return {
      now: new Date(this.clock.now()).toISOString(),
      asset: this.asset.code,
      vault: toHex(this.config.vault),
      chainId: this.config.chainId.toString(),
      ...{ reasons, warnings, records, fuelBatches: this.readiness.fuel?.batches ?? null },
      ...money,
    };
  }

  private async newestRecords(): Promise<ConsoleData["records"]> {
    try {
      const shared = await this.records.get({ freshMs: 0, withinMs: LIMITS.answerWaitMs });
      return shared === null ? null : { ...shared.value, ageSeconds: Math.round(shared.ageMs / 1_000) };
    } catch {
      // What is away is among the reasons.
      return null;
    }
  }

  private async readRecords(): Promise<ConsoleRecords> {
    const [work, batches, forks, reversals, unconfirmed, returns, withheld] = await Promise.all([
      this.work.summary(),
      this.batches.list(),
      this.forks.list(),
      this.returns.reversals(),
      this.late.waiting(),
      this.returns.returns(),
      this.withheld.list(),
    ]);
    return { work, batches, forks, returns: { reversals, unconfirmed, returns }, withheld };
  }

  /** The page must show the queues also while the chain is away. */
  private async money(): Promise<Pick<ConsoleData, "money" | "moneyFault">> {
    const looked = this.reports.get({ freshMs: LIMITS.pageFiguresMs, withinMs: LIMITS.answerWaitMs });
    try {
      const shared = (await within(LIMITS.answerWaitMs, looked))?.value ?? null;
      if (shared === null) return { money: null, moneyFault: "The first sum is still being made." };
      return { money: this.texts(shared.value, Math.round(shared.ageMs / 1_000)), moneyFault: null };
    } catch (error) {
      return { money: null, moneyFault: error instanceof Error ? error.message : "The chain cannot be read." };
    }
  }

  private texts(
    { money: report, anchors }: NonNullable<Awaited<ReturnType<MoneyReports["get"]>>>["value"],
    ageSeconds: number,
  ): ConsoleMoney {
    const texts = (side: MoneySide) =>
      Object.fromEntries(Object.entries(side).map(([name, units]) => [name, formatTotal(units, this.asset)]));
    const base = (baseUnits: bigint): string => baseUnitsText(baseUnits, this.asset);
    const { heldBaseUnits, owesBaseUnits, surplusBaseUnits } = report.vault;
    return {
      block: report.block.toString(),
      ageSeconds,
      chain: texts(report.chain),
      ledger: texts(report.ledger),
      acceptedUnpaid: formatTotal(report.acceptedUnpaid, this.asset),
      issuerOwes: {
        vouchers: formatTotal(report.issuerOwes.vouchers, this.asset),
        ledger: formatTotal(report.issuerOwes.ledger, this.asset),
      },
      difference: report.ledgerDifference === 0n ? "0" : formatTotal(report.ledgerDifference, this.asset),
      vault: {
        held: base(heldBaseUnits),
        owes: base(owesBaseUnits),
        surplus: base(surplusBaseUnits),
        insolvent: surplusBaseUnits < 0n,
      },
      anchors,
    };
  }
}
