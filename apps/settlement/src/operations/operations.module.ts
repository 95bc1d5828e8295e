import { Module, type DynamicModule } from "@nestjs/common";
import { ConsoleController } from "./console/console.controller.ts";
import { MetricsController } from "./metrics/metrics.controller.ts";
import { Metrics } from "./metrics/metrics.ts";
import { MoneyFigureReader } from "./metrics/money-figures.ts";
import { WorkFigureReader } from "./metrics/work-figures.ts";
import { GuaranteeStatusReader } from "./readiness/guarantee-status.ts";
import { ReadinessController } from "./readiness/readiness.controller.ts";
import { Readiness } from "./readiness/readiness.ts";
import { ReconciliationController } from "./reconciliation/reconciliation.controller.ts";
import { Reconciliation } from "./reconciliation/reconciliation.ts";

/** What operators see: reconciliation, readiness, metrics and their page. */
@Module({
  controllers: [ReconciliationController, ReadinessController, MetricsController, ConsoleController],
  providers: [Reconciliation, GuaranteeStatusReader, Readiness, Metrics, MoneyFigureReader, WorkFigureReader],
})
export class OperationsModule {
  static on(...below: DynamicModule[]): DynamicModule {
    return { module: OperationsModule, imports: below };
  }
}
