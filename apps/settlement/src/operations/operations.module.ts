import { Module, type DynamicModule } from "@nestjs/common";
import { AlarmBell } from "./alarms/alarm-bell.ts";
import { AlarmsController } from "./alarms/alarms.controller.ts";
import { ConsoleController } from "./console/console.controller.ts";
import { ConsoleReader } from "./console/console-reader.ts";
import { FloatController } from "./float/float.controller.ts";
import { FloatReport } from "./float/float-report.ts";
import { MetricsController } from "./metrics/metrics.controller.ts";
import { Metrics } from "./metrics/metrics.ts";
import { StateFigureReader } from "./metrics/state-figures.ts";
import { WorkFigureReader } from "./metrics/work-figures.ts";
import { MoneyReports } from "./reconciliation/money-reports.ts";
import { MoneyWatch } from "./money/money-watch.ts";
import { GuaranteeStatusReader } from "./readiness/guarantee-status.ts";
import { LivenessController } from "./readiness/liveness.controller.ts";
import { ReadinessController } from "./readiness/readiness.controller.ts";
import { Readiness } from "./readiness/readiness.ts";
import { ReconciliationController } from "./reconciliation/reconciliation.controller.ts";
import { Reconciliation } from "./reconciliation/reconciliation.ts";

/** What operators see: reconciliation, readiness, metrics and their page. */
@Module({
  controllers: [
    ReconciliationController,
    ReadinessController,
    LivenessController,
    MetricsController,
    ConsoleController,
    AlarmsController,
    FloatController,
  ],
  providers: [
    Reconciliation,
    MoneyReports,
    MoneyWatch,
    GuaranteeStatusReader,
    Readiness,
    Metrics,
    WorkFigureReader,
    StateFigureReader,
    AlarmBell,
    ConsoleReader,
    FloatReport,
  ],
})
export class OperationsModule {
  static on(...below: DynamicModule[]): DynamicModule {
    return { module: OperationsModule, imports: below };
  }
}
