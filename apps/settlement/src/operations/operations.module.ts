import { Module, type DynamicModule } from "@nestjs/common";
import { AlarmAcknowledgements } from "./alarms/alarm-acknowledgements.ts";
import { AlarmBell } from "./alarms/alarm-bell.ts";
import { ActionsController } from "./actions/actions.controller.ts";
import { AlarmsController } from "./alarms/alarms.controller.ts";
import { ApprovalDecisions } from "./approvals/approval-decisions.ts";
import { ApprovalsController } from "./approvals/approvals.controller.ts";
import { CaseDecisions } from "./cases/case-decisions.ts";
import { CaseViews } from "./cases/case-views.ts";
import { CaseWatch } from "./cases/case-watch.ts";
import { CasesController } from "./cases/cases.controller.ts";
import { EvidenceReader } from "./cases/evidence-reader.ts";
import { consoleControllers, consoleProviders } from "./console/console-parts.ts";
import { FloatController } from "./float/float.controller.ts";
import { FloatReport } from "./float/float-report.ts";
import { MetricsController } from "./metrics/metrics.controller.ts";
import { Metrics } from "./metrics/metrics.ts";
import { StateFigureReader } from "./metrics/state-figures.ts";
import { MissingPaymentReader } from "./silence/missing-payments.ts";
import { SilentTerminals } from "./silence/silent-terminals.ts";
import { WorkFigureReader } from "./metrics/work-figures.ts";
import { MoneyReports } from "./reconciliation/money-reports.ts";
import { MoneyWatch } from "./money/money-watch.ts";
import { NamesController } from "./names/names.controller.ts";
import { PartyNames } from "./names/party-names.ts";
import { PeriodsController } from "./periods/periods.controller.ts";
import { Periods } from "./periods/periods.ts";
import { GuaranteeStatusReader } from "./readiness/guarantee-status.ts";
import { LivenessController } from "./readiness/liveness.controller.ts";
import { OwnController } from "./own/own.controller.ts";
import { OwnRecords } from "./own/own-records.ts";
import { BrowserSessions } from "./people/browser-sessions.ts";
import { Challenges } from "./people/passkeys/challenges.ts";
import { PasskeysController } from "./people/passkeys/passkeys.controller.ts";
import { Passkeys } from "./people/passkeys/passkeys.ts";
import { OwnPasskeysController } from "./people/passkeys/own-passkeys.controller.ts";
import { OwnPasskeys } from "./people/passkeys/own-passkeys.ts";
import { ProviderController } from "./people/provider/provider.controller.ts";
import { ProviderSignIn } from "./people/provider/provider-sign-in.ts";
import { SignInController } from "./people/sign-in.controller.ts";
import { ReadinessController } from "./readiness/readiness.controller.ts";
import { Readiness } from "./readiness/readiness.ts";
import { ReconciliationController } from "./reconciliation/reconciliation.controller.ts";
import { CostReport } from "./costs/cost-report.ts";
import { CostsController } from "./costs/costs.controller.ts";
import { FeeLookups } from "./fees/fee-lookups.ts";
import { FeeReports } from "./fees/fee-reports.ts";
import { FeesController } from "./fees/fees.controller.ts";
import { Statements } from "./statements/statements.ts";
import { StatementFiles } from "./statement-files/statement-files.ts";
import { StatementsController } from "./statement-files/statements.controller.ts";
import { Reconciliation } from "./reconciliation/reconciliation.ts";

/** What operators see: reconciliation, readiness, metrics and their page. */
@Module({
  controllers: [
    ReconciliationController,
    ReadinessController,
    LivenessController,
    MetricsController,
    ...consoleControllers,
    AlarmsController,
    FloatController,
    ...[CasesController, NamesController, PeriodsController],
    PasskeysController,
    OwnPasskeysController,
    ProviderController,
    OwnController,
    SignInController,
    ApprovalsController,
    ActionsController,
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
    StateFigureReader,
    ...[MissingPaymentReader, SilentTerminals],
    ...[AlarmBell, AlarmAcknowledgements],
    FloatReport,
    ...[CaseWatch, CaseViews, CaseDecisions, EvidenceReader],
    ...[PartyNames, Periods, ApprovalDecisions],
    ...consoleProviders,
    Statements,
    StatementFiles,
    ...[FeeReports, FeeLookups],
    CostReport,
    ...[BrowserSessions, Challenges, Passkeys, OwnPasskeys, ProviderSignIn, OwnRecords],
  ],
  exports: [Readiness],
})
export class OperationsModule {
  static on(...below: DynamicModule[]): DynamicModule {
    return { module: OperationsModule, imports: below };
  }
}
