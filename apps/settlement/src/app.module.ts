import { Module, type DynamicModule } from "@nestjs/common";
import { APP_FILTER, APP_GUARD } from "@nestjs/core";
import { AllowancesController } from "./allowances/allowances.controller.ts";
import { Allowances } from "./allowances/allowances.ts";
import { CardBounds } from "./allowances/card-bounds.ts";
import { BatchBuilder } from "./batches/batch-builder.ts";
import { BatchViews } from "./batches/batch-views.ts";
import { BatchesController } from "./batches/batches.controller.ts";
import { CardRegister } from "./cards/card-register.ts";
import { CardStreams } from "./cards/card-streams.ts";
import { CardStatuses } from "./cards/card-statuses.ts";
import { CardsController } from "./cards/cards.controller.ts";
import { Fundings } from "./cards/fundings.ts";
import { ChainActions } from "./chain/chain-actions.ts";
import { ChainSender } from "./chain/chain-sender.ts";
import { ChainWatcher } from "./chain/chain-watcher.ts";
import { ConsoleController } from "./console/console.controller.ts";
import { Compensator } from "./forks/compensator.ts";
import { Convictions } from "./forks/convictions.ts";
import { ForkViews } from "./forks/fork-views.ts";
import { ForksController } from "./forks/forks.controller.ts";
import { GiveBackViews } from "./give-backs/give-back-views.ts";
import { GiveBacksController } from "./give-backs/give-backs.controller.ts";
import { ProblemFilter } from "./http/problem-filter.ts";
import { RolesGuard } from "./http/roles.ts";
import { Intake } from "./intake/intake.ts";
import { UploadsController } from "./intake/uploads.controller.ts";
import { VerificationPool } from "./intake/verification-pool.ts";
import { AnchoredRoots } from "./ledger-log/anchored-roots.ts";
import { LedgerProofsController } from "./ledger-log/ledger-proofs.controller.ts";
import { LedgerProofs } from "./ledger-log/ledger-proofs.ts";
import { MerchantsController } from "./merchants/merchants.controller.ts";
import { Merchants } from "./merchants/merchants.ts";
import { MetricsController } from "./metrics/metrics.controller.ts";
import { Metrics } from "./metrics/metrics.ts";
import { MoneyFigureReader } from "./metrics/money-figures.ts";
import { WorkFigureReader } from "./metrics/work-figures.ts";
import { OutboxRelay } from "./outbox/outbox-relay.ts";
import { QueueViews } from "./outbox/queue-views.ts";
import { Queues } from "./outbox/queues.ts";
import { Reconciler } from "./outbox/reconciler.ts";
import { Workers } from "./outbox/workers.ts";
import { PayoutsController } from "./payouts/payouts.controller.ts";
import { Payouts } from "./payouts/payouts.ts";
import { platformProviders, PlatformConnections, type Platform } from "./platform.ts";
import { LedgerPostings } from "./postings/ledger-postings.ts";
import { POSTINGS } from "./postings/postings.ts";
import { ReadinessController } from "./readiness/readiness.controller.ts";
import { Readiness } from "./readiness/readiness.ts";
import { Reconciliation } from "./reconciliation/reconciliation.ts";
import { ReconciliationController } from "./reconciliation/reconciliation.controller.ts";
import { RuleSuspender } from "./status-list/rule-suspender.ts";
import { StatusListController } from "./status-list/status-list.controller.ts";
import { StatusLists } from "./status-list/status-lists.ts";
import { VoucherViews } from "./vouchers/voucher-views.ts";
import { VouchersController } from "./vouchers/vouchers.controller.ts";

/** The one place where the service's parts are put together; features know one another only by their classes. */
@Module({})
export class AppModule {
  static of(platform: Platform): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        UploadsController,
        VouchersController,
        ForksController,
        GiveBacksController,
        BatchesController,
        CardsController,
        AllowancesController,
        MerchantsController,
        PayoutsController,
        StatusListController,
        ReconciliationController,
        LedgerProofsController,
        ReadinessController,
        MetricsController,
        ConsoleController,
      ],
      providers: [
        ...platformProviders(platform),
        PlatformConnections,
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: RolesGuard },
        { provide: POSTINGS, useClass: LedgerPostings },
        ...[
          VerificationPool,
          Intake,
          VoucherViews,
          ForkViews,
          GiveBackViews,
          Compensator,
          Convictions,
          BatchBuilder,
          BatchViews,
        ],
        ...[ChainActions, ChainSender, ChainWatcher],
        ...[
          CardRegister,
          CardStatuses,
          CardStreams,
          Fundings,
          CardBounds,
          Allowances,
          Merchants,
          Payouts,
          StatusLists,
          RuleSuspender,
        ],
        ...[Metrics, MoneyFigureReader, WorkFigureReader],
        ...[
          Reconciliation,
          AnchoredRoots,
          LedgerProofs,
          Readiness,
          Queues,
          QueueViews,
          OutboxRelay,
          Reconciler,
          Workers,
        ],
      ],
    };
  }
}
