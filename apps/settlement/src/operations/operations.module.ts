import { Module, type DynamicModule } from "@nestjs/common";
import { ConsoleController } from "./console/console.controller.ts";
import { ConsoleReader } from "./console/console-reader.ts";
import { FloatController } from "./float/float.controller.ts";
import { FloatReport } from "./float/float-report.ts";
import { MetricsController } from "./metrics/metrics.controller.ts";
import { Metrics } from "./metrics/metrics.ts";
import { WorkFigureReader } from "./metrics/work-figures.ts";
import { MoneyReports } from "./reconciliation/money-reports.ts";
import { MoneyWatch } from "./money/money-watch.ts";
import { GuaranteeStatusReader } from "./readiness/guarantee-status.ts";
import { LivenessController } from "./readiness/liveness.controller.ts";
import { ReadinessController } from "./readiness/readiness.controller.ts";
import { Readiness } from "./readiness/readiness.ts";
import { ReconciliationController } from "./reconciliation/reconciliation.controller.ts";
import { CostReport } from "./costs/cost-report.ts";
import { CostsController } from "./costs/costs.controller.ts";
import { FeeReports } from "./fees/fee-reports.ts";
import { FeesController } from "./fees/fees.controller.ts";
import { Statements } from "./statements/statements.ts";
import { StatementsController } from "./statement-files/statements.controller.ts";
import { Reconciliation } from "./reconciliation/reconciliation.ts";

/** What operators see: reconciliation, readiness, metrics and their page. */
@Module({
  controllers: [
    ReconciliationController,
    ReadinessController,
    LivenessController,
    MetricsController,
    ConsoleController,
    FloatController,
    StatementsController,
    FeesController,
    CostsController,
  ],
  providers: [
    Reconciliation,
    MoneyReports,
    MoneyWatch,
    GuaranteeStatusReader,
    Readiness,
    Metrics,
    WorkFigureReader,
    ConsoleReader,
    FloatReport,
    Statements,
    FeeReports,
    CostReport,
  ],
})
export class OperationsModule {
  static on(...below: DynamicModule[]): DynamicModule {
    return { module: OperationsModule, imports: below };
  }
}
