import { type DynamicModule, Module } from "@nestjs/common";
import { Background } from "./background.ts";
import { GATEWAY, type Gateway } from "./gateway.ts";
import { ReadinessController } from "./readiness/readiness.controller.ts";
import { RefundsController } from "./refunds/refunds.controller.ts";
import { SyncController } from "./sync/sync.controller.ts";
import { TapsController } from "./taps/taps.controller.ts";

/** The HTTP face of one till. */
@Module({})
export class GatewayModule {
  static of(gateway: Gateway): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [TapsController, RefundsController, ReadinessController, SyncController],
      providers: [{ provide: GATEWAY, useValue: gateway }, Background],
    };
  }
}
