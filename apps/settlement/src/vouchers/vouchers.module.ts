import { Module, type DynamicModule } from "@nestjs/common";
import { BatchBuilder } from "./batches/batch-builder.ts";
import { BatchStore } from "./batches/batch-store.ts";
import { BatchViews } from "./batches/batch-views.ts";
import { BatchesController } from "./batches/batches.controller.ts";
import { FailedBatches } from "./batches/failed-batches.ts";
import { ChainWatcher } from "./chain-events/chain-watcher.ts";
import { Compensator } from "./forks/compensator.ts";
import { Convictions } from "./forks/convictions.ts";
import { GasFees } from "./fees/gas-fees.ts";
import { ForkViews } from "./forks/fork-views.ts";
import { ForksController } from "./forks/forks.controller.ts";
import { Intake } from "./intake/intake.ts";
import { Receipts } from "./intake/receipts.ts";
import { UploadsController } from "./intake/uploads.controller.ts";
import { RequestNonces } from "./requests/request-nonces.ts";
import { RequestsController } from "./requests/requests.controller.ts";
import { Requests } from "./requests/requests.ts";
import { ReturnOrders } from "./requests/return-orders.ts";
import { LateReversals } from "./returns/late-reversals.ts";
import { ReversalsController } from "./returns/reversals.controller.ts";
import { ReturnViews } from "./returns/return-views.ts";
import { ReturnsController } from "./returns/returns.controller.ts";
import { VoucherLists } from "./states/voucher-lists.ts";
import { VoucherViews } from "./states/voucher-views.ts";
import { VouchersController } from "./states/vouchers.controller.ts";
import { VerificationPool } from "./verification/verification-pool.ts";
import { WithheldDeposits } from "./withheld/withheld-deposits.ts";
import { WithheldPayments } from "./withheld/withheld-payments.ts";
import { WithheldRefusals } from "./withheld/withheld-refusals.ts";
import { WithheldViews } from "./withheld/withheld-views.ts";
import { WithheldController } from "./withheld/withheld.controller.ts";

/** What happens to vouchers, from their upload to the final block that decides about them. */
@Module({
  controllers: [
    ...[UploadsController, VouchersController, ForksController, BatchesController],
    ...[ReturnsController, ReversalsController, WithheldController],
    RequestsController,
  ],
  providers: [
    ...[VerificationPool, Receipts, Intake, VoucherViews, VoucherLists],
    ...[BatchStore, FailedBatches, BatchBuilder, BatchViews, ChainWatcher],
    ...[Compensator, Convictions, ForkViews, ReturnViews, LateReversals, GasFees],
    ...[RequestNonces, ReturnOrders, Requests],
    ...[WithheldDeposits, WithheldPayments, WithheldRefusals, WithheldViews],
  ],
  exports: [
    VoucherViews,
    LateReversals,
    WithheldViews,
    WithheldPayments,
    VoucherViews,
    WithheldRefusals,
    BatchBuilder,
    BatchViews,
    ChainWatcher,
    Compensator,
    Convictions,
    ForkViews,
    GasFees,
    ReturnViews,
  ],
})
export class VouchersModule {
  static on(...below: DynamicModule[]): DynamicModule {
    return { module: VouchersModule, imports: below };
  }
}
