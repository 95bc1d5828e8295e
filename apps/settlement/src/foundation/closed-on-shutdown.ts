import type { OnApplicationShutdown, ValueProvider } from "@nestjs/common";

/** A provider that closes what its module was given, when the application is shut down. */
export function closedOnShutdown(close: () => Promise<void> | void): ValueProvider<OnApplicationShutdown> {
  return { provide: Symbol("closed on shutdown"), useValue: { onApplicationShutdown: close } };
}
