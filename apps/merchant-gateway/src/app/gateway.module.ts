import { type DynamicModule, Module, type Provider, type Type } from "@nestjs/common";
import { OutcomeFollower } from "../chain/outcomes/outcome-follower.ts";
import { PayOuts } from "../claim/pay-out.ts";
import { ChainWatch } from "../chain/watch/chain-watch.ts";
import { TerminalClock } from "../clock/terminal-clock.ts";
import { GATEWAY_CONFIG } from "../config/gateway-config.ts";
import { Policies } from "../config/policies.ts";
import { Access } from "../doors/access.ts";
import { Pairing } from "../doors/pairing.ts";
import { People } from "../doors/people.ts";
import { DevicesController } from "../http/doors/devices.controller.ts";
import { SessionController } from "../http/doors/session.controller.ts";
import { LanesController } from "../http/lanes/lanes.controller.ts";
import { LivenessController, ReadinessController } from "../http/readiness.controller.ts";
import { ReadinessReport } from "../http/readiness.ts";
import { IdempotentCalls } from "../http/idempotency/idempotent-calls.ts";
import { BalanceController } from "../http/balance/balance.controller.ts";
import { MoneyController } from "../http/money/money.controller.ts";
import { MoneyReport } from "../http/money/money-report.ts";
import { PayeeController } from "../http/payee/payee.controller.ts";
import { RefundCalls } from "../http/refunds/refund-calls.ts";
import { RefundsController } from "../http/refunds/refunds.controller.ts";
import { ReportsController } from "../http/reports/reports.controller.ts";
import { SaleEventsController } from "../http/sales/sale-events.controller.ts";
import { SaleWire } from "../http/sales/sale-wire.ts";
import { SalesController } from "../http/sales/sales.controller.ts";
import { WebhooksController } from "../http/webhooks/webhooks.controller.ts";
import { SyncController } from "../http/sync.controller.ts";
import { TapHistory } from "../http/tap-history.ts";
import { TapsController } from "../http/taps.controller.ts";
import { Journal } from "../journal/journal.ts";
import { JournalMaintenance } from "../journal/maintenance.ts";
import { TapStore } from "../journal/payments/tap-store.ts";
import { VoucherStore } from "../journal/payments/voucher-store.ts";
import { LaneReaders } from "../reader/lane-readers.ts";
import { RefundService } from "../refunds/refund-service.ts";
import { Reports } from "../reports/reports.ts";
import { Sales } from "../sales/sales.ts";
import { Exchange } from "../sync/exchange.ts";
import { PayeeCheck } from "../sync/requests/payee-check.ts";
import { Webhooks } from "../webhooks/webhooks.ts";
import { TapEngine } from "../taps/tap-engine.ts";
import { Background } from "./background.ts";
import type { Gateway } from "./gateway.ts";

/** One terminal in Nest's terms: its controllers, and each part that they ask for. */
@Module({})
export class GatewayModule {
  static of(gateway: Gateway): DynamicModule {
    const { journal, policies } = gateway;
    const { taps, vouchers, refunds, allowanceUpdates } = journal;
    const givesBack = (): boolean => gateway.refunds.hasChain();
    const history = { taps, vouchers, refunds, allowanceUpdates, policies, givesBack };
    return {
      module: GatewayModule,
      controllers: [
        SalesController,
        SaleEventsController,
        TapsController,
        RefundsController,
        ReadinessController,
        LivenessController,
        SyncController,
        LanesController,
        SessionController,
        DevicesController,
        MoneyController,
        PayeeController,
        BalanceController,
        ReportsController,
        WebhooksController,
      ],
      providers: [
        part(Policies, policies),
        part(TapEngine, gateway.engine),
        part(Pairing, gateway.doors.pairing),
        part(People, gateway.doors.people),
        part(Access, gateway.doors.access),
        { provide: GATEWAY_CONFIG, useValue: gateway.config },
        part(Journal, journal),
        part(TerminalClock, gateway.clock),
        part(LaneReaders, gateway.lanes),
        part(Sales, gateway.sales),
        part(SaleWire, new SaleWire(history)),
        part(Exchange, gateway.exchange),
        part(ChainWatch, gateway.chainWatch),
        part(OutcomeFollower, gateway.outcomes),
        part(RefundService, gateway.refunds),
        part(Webhooks, gateway.webhooks),
        part(Reports, gateway.reports),
        part(PayeeCheck, gateway.payeeCheck),
        part(PayOuts, gateway.payOuts),
        part(MoneyReport, new MoneyReport(gateway)),
        part(TapStore, taps),
        part(VoucherStore, vouchers),
        part(JournalMaintenance, new JournalMaintenance(journal)),
        part(TapHistory, new TapHistory(history)),
        part(ReadinessReport, new ReadinessReport(gateway)),
        RefundCalls,
        part(IdempotentCalls, new IdempotentCalls(gateway)),
        part(Background, new Background(gateway)),
      ],
    };
  }
}

/** A part that is made already, under the name of its class. */
function part<T>(provide: Type<T> | (Function & { readonly prototype: T }), value: T): Provider {
  return { provide, useValue: value };
}
