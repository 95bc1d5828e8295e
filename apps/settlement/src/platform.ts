import { closeChain, openChain, type ChainConnections } from "./chain/chain-connections.ts";
import { systemClock, type Clock } from "./foundation/clock.ts";
import type { Config } from "./foundation/config/config.ts";
import { closeFoundation, openFoundation, type Foundation } from "./foundation/foundation.ts";

/** What the service stands on: connections, keys and the clock. */
export interface Platform extends Foundation, ChainConnections {}

/**
 * Opens everything lazily: nothing here needs the database or the chain to be up. Throws
 * KeyFileError.
 */
export function createPlatform(config: Config, clock: Clock = systemClock): Platform {
  return { ...openChain(config), ...openFoundation(config, clock) };
}

/**
 * For a platform that no application took over; an application closes its own when it is shut down.
 */
export async function closePlatform(platform: Platform): Promise<void> {
  closeChain(platform);
  await closeFoundation(platform);
}
