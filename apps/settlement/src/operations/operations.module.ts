import { Module, type DynamicModule } from "@nestjs/common";
import { ApprovalsController } from "./approvals/approvals.controller.ts";
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
import { OwnController } from "./own/own.controller.ts";
import { OwnRecords } from "./own/own-records.ts";
import { BrowserSessions } from "./people/browser-sessions.ts";
import { Challenges } from "./people/passkeys/challenges.ts";
import { PasskeysController } from "./people/passkeys/passkeys.controller.ts";
import { Passkeys } from "./people/passkeys/passkeys.ts";
import { ProviderController } from "./people/provider/provider.controller.ts";
import { ProviderSignIn } from "./people/provider/provider-sign-in.ts";
import { SignInController } from "./people/sign-in.controller.ts";
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
    FloatController,
    PasskeysController,
    ProviderController,
    OwnController,
    SignInController,
    ApprovalsController,
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
    ...[BrowserSessions, Challenges, Passkeys, ProviderSignIn, OwnRecords],
  ],
})
export class OperationsModule {
  static on(...below: DynamicModule[]): DynamicModule {
    return { module: OperationsModule, imports: below };
  }
}
