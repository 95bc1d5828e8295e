import { type Reader, ReaderError, type ReaderProvider } from "@tallystick/apdu";
import type { GatewayConfig, LaneConfig } from "../config/gateway-config.ts";

/** The readers of this machine. */
export interface ReaderSource {
  /** The reader of a lane, under the name that it has now; of a lane with a card on a socket, that one. */
  readonly of: (lane: LaneConfig) => Reader;
  /** Names of the readers that are plugged in. Rejects with a ReaderError where the card service does not answer. */
  readonly names: () => Promise<readonly string[]>;
}

/** Readers that are opened when they are used, and what ends them. */
export interface OpenedReaders extends ReaderSource {
  readonly close: () => Promise<void>;
}

/**
 * The terminal's readers. Nothing is asked of them here, so a terminal starts without a reader,
 * without a card service, and even where the card service's library is not installed; each use says
 * then what is missing.
 */
export async function openReaders(config: Pick<GatewayConfig, "lanes" | "pcscSocket">): Promise<OpenedReaders> {
  const sockets = config.lanes.flatMap(({ reader, vpcd }) => (vpcd === null ? [] : [{ name: reader, ...vpcd }]));
  const bySocket = sockets.length === 0 ? null : await openSockets(sockets);
  const needsService = config.lanes.some(({ vpcd }) => vpcd === null);
  const service = needsService ? await openService(config.pcscSocket) : null;
  return {
    of: ({ reader, vpcd }) => (vpcd === null ? service : bySocket)?.reader(reader) ?? withoutService(reader),
    names: async () => (service === null ? [] : (await service.list()).map(({ name }) => name)),
    close: async () => {
      await bySocket?.close();
      await service?.close();
    },
  };
}

async function openSockets(
  sockets: readonly { readonly name: string; readonly host: string; readonly port: number }[],
): Promise<ReaderProvider> {
  const { createVpcdProvider } = await import("@tallystick/apdu/vpcd");
  return createVpcdProvider(sockets);
}

async function openService(socket: string | null): Promise<ReaderProvider | null> {
  // The library reads the path of the service once, from the environment of the process, when it is
  // loaded.
  if (socket !== null) process.env["PCSCLITE_CSOCK_NAME"] = socket;
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
