import { Module, type DynamicModule, type ValueProvider } from "@nestjs/common";
import { APP_GUARD } from "@nestjs/core";
import { CLOCK } from "./clock.ts";
import { closedOnShutdown } from "./closed-on-shutdown.ts";
import { CONFIG } from "./config/config.ts";
import { DATABASE, POOL } from "./database/database.ts";
import { closeFoundation, type Foundation } from "./foundation.ts";
import { ASSET } from "./http/amounts.ts";
import { DOORS } from "./http/doors.ts";
import { Callers } from "./http/callers.ts";
import { RolesGuard } from "./http/roles.ts";
import { Sessions } from "./http/sessions.ts";
import { Tokens } from "./http/tokens.ts";
import { DOMAIN } from "./keys/domain.ts";
import { ISSUER } from "./keys/issuer.ts";

/** The lowest storey. It is shut down last, after workers and requests have ended. */
@Module({ providers: [{ provide: APP_GUARD, useClass: RolesGuard }] })
export class FoundationModule {
  static of(foundation: Foundation): DynamicModule {
    const values: ValueProvider[] = [
      { provide: CONFIG, useValue: foundation.config },
      { provide: CLOCK, useValue: foundation.clock },
      { provide: POOL, useValue: foundation.pool },
      { provide: DATABASE, useValue: foundation.db },
      { provide: ISSUER, useValue: foundation.issuer },
      { provide: DOMAIN, useValue: foundation.domain },
      { provide: ASSET, useValue: foundation.asset },
      { provide: DOORS, useValue: foundation.doors },
    ];
    return {
      module: FoundationModule,
      providers: [...values, Tokens, Sessions, Callers, closedOnShutdown(() => closeFoundation(foundation))],
      exports: [...values, Sessions],
    };
  }
}
