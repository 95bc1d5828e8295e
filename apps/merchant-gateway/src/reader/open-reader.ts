import { type Reader, ReaderError, type ReaderProvider } from "@tallystick/apdu";
import type { GatewayConfig } from "../config/gateway-config.ts";

/** A reader that is looked for when it is used, and what ends it. */
export interface OpenedReader {
  readonly reader: Reader;
  readonly close: () => Promise<void>;
}

/**
 * The terminal's reader. Nothing is asked of it here, so a terminal starts without a reader, without a card service, and even where
 * the card service's library is not installed; each use says then what is missing.
 */
export async function openReader(config: Pick<GatewayConfig, "reader" | "vpcd" | "pcscSocket">): Promise<OpenedReader> {
  const provider = await openProvider(config);
  if (provider === null) return { reader: withoutService(config.reader), close: () => Promise.resolve() };
  return { reader: provider.reader(config.reader), close: () => provider.close() };
}

async function openProvider(
  config: Pick<GatewayConfig, "reader" | "vpcd" | "pcscSocket">,
): Promise<ReaderProvider | null> {
  if (config.vpcd !== null) {
    const { createVpcdProvider } = await import("@tallystick/apdu/vpcd");
    return createVpcdProvider([{ name: config.reader, ...config.vpcd }]);
  }
  // The library reads the path of the service once, from the environment of the process, when it is loaded.
  if (config.pcscSocket !== null) process.env["PCSCLITE_CSOCK_NAME"] = config.pcscSocket;
  try {
    const { createPcscProvider } = await import("@tallystick/apdu/pcsc");
    return createPcscProvider();
  } catch {
    return null;
  }
}

function withoutService(name: string): Reader {
  const fail = (): Promise<never> => Promise.reject(new ReaderError("NO_SERVICE", { reader: name }));
  return { name, status: fail, waitForCard: fail, waitForRemoval: fail, connect: fail };
}
