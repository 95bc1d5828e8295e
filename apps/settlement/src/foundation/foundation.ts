import type { Asset } from "@tallystick/money";
import { within } from "@tallystick/program";
import type { Domain } from "@tallystick/protocol";
import type pg from "pg";
import type { Clock } from "./clock.ts";
import type { Config } from "./config/config.ts";
import { createDatabase, createPool, type Database } from "./database/database.ts";
import { Doors } from "./http/doors.ts";
import { domainOf } from "./keys/domain.ts";
import { createIssuer, type Issuer } from "./keys/issuer.ts";
import { LIMITS } from "./limits/limits.ts";

/** What every storey stands on: configuration, clock, database and the issuer's keys. */
export interface Foundation {
  readonly config: Config;
  readonly clock: Clock;
  readonly pool: pg.Pool;
  readonly db: Database;
  readonly issuer: Issuer;
  readonly domain: Domain;
  readonly asset: Asset;
  readonly doors: Doors;
}

/** Opens everything lazily: the database need not be up. Throws KeyFileError and KeystoreError. */
export function openFoundation(config: Config, clock: Clock): Foundation {
  const issuer = createIssuer(config);
  const pool = createPool(config.databaseUrl);
  return {
    ...{ config, clock, pool, db: createDatabase(pool), issuer },
    ...{ domain: domainOf(config), asset: config.asset, doors: new Doors(config) },
  };
}

/** Waits for statements that are under way, but not for a database that hangs. */
export async function closeFoundation({ db }: Foundation): Promise<void> {
  await within(LIMITS.connectionsEndMs, db.destroy());
}
