import type { Server } from "node:http";
import type { Socket } from "node:net";
import { z } from "zod";
import {
  DEFAULT_CONNECTIONS,
  DEFAULT_CONNECTIONS_PER_ADDRESS,
  DEFAULT_HEADER_SECONDS,
  DEFAULT_IDLE_SECONDS,
  DEFAULT_REQUEST_SECONDS,
  MAX_CONNECTIONS,
  MAX_REQUEST_SECONDS,
  TIME_OUT_CHECKS,
} from "../limits.ts";
import { isLoopback, plainAddress } from "./addresses.ts";

const seconds = z.int().min(1).max(MAX_REQUEST_SECONDS);
const connections = z.int().min(1).max(MAX_CONNECTIONS);

/** `"http": {"requestSeconds": 180}`: how long and how many connections a server bears. */
export const httpBounds = z
  .strictObject({
    /** A request whose last byte has not come after this time is ended. */
    requestSeconds: seconds.default(DEFAULT_REQUEST_SECONDS),
    /** The same for its headers. */
    headerSeconds: seconds.default(DEFAULT_HEADER_SECONDS),
    /** A connection on which nothing is asked is closed after this time. */
    idleSeconds: seconds.default(DEFAULT_IDLE_SECONDS),
    connections: connections.default(DEFAULT_CONNECTIONS),
    /** Connections of one address that is neither this machine nor a named proxy. */
    connectionsPerAddress: connections.default(DEFAULT_CONNECTIONS_PER_ADDRESS),
  })
  .prefault({});

export type HttpBounds = z.output<typeof httpBounds>;

/** The times in milliseconds, as Node's and Fastify's servers name them. */
export interface ServerTimes {
  readonly requestTimeout: number;
  readonly headersTimeout: number;
  readonly keepAliveTimeout: number;
  readonly connectionsCheckingInterval: number;
}

export function serverTimes({ requestSeconds, headerSeconds, idleSeconds }: HttpBounds): ServerTimes {
  const requestTimeout = requestSeconds * 1_000;
  const headersTimeout = Math.min(headerSeconds * 1_000, requestTimeout);
  return {
    requestTimeout,
    headersTimeout,
    keepAliveTimeout: idleSeconds * 1_000,
    connectionsCheckingInterval: headersTimeout / TIME_OUT_CHECKS,
  };
}

/** Ends connections beyond the bounds at once. Done before the server listens. */
export function boundConnections(server: Server, bounds: HttpBounds, proxies: readonly string[]): void {
  const open = new Map<string, number>();
  server.maxConnections = bounds.connections;
  server.on("connection", (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? "");
    if (isLoopback(address) || proxies.includes(address)) return;
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    if (count > bounds.connectionsPerAddress) socket.destroy();
  });
}
