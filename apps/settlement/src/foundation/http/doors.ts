import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import {
  boundConnections,
  callerOf,
  type Door,
  doorFault,
  type DoorRequest,
  isLoopback,
  listenUrl,
  RequestRate,
  serverTimes,
} from "@tallystick/program";
import { PROBLEM_MEDIA_TYPE } from "@tallystick/program/service";
import { administrationDoor, type Config } from "../config/config.ts";
import { problems } from "./problem.ts";

/** A request as the doors see it. */
export interface ArrivedRequest extends DoorRequest {
  readonly raw: DoorRequest["raw"] & { readonly socket: Socket };
}

interface Reply {
  code(status: number): Reply;
  type(mediaType: string): Reply;
  header(name: string, value: string): Reply;
  send(body: string): Promise<unknown>;
}

/** The part of Fastify's server that is given a second door. */
interface DoorsServer {
  readonly server: Server;
  readonly routing: (request: IncomingMessage, response: ServerResponse) => void;
  addHook(name: "onRequest", hook: (request: ArrivedRequest, reply: Reply) => Promise<unknown>): unknown;
  addHook(name: "preClose", hook: () => Promise<void>): unknown;
}

/**
 * The two doors of the service (spec §6.7): one for terminals, whose calls authenticate themselves,
 * and one for administration, where every call needs a token. One router stands behind both.
 */
export class Doors {
  private readonly config: Config;
  private readonly terminals: Door;
  private readonly administration: Door;
  private readonly administered = new WeakSet<Socket>();
  private readonly rate: RequestRate;
  private second: Server | null = null;

  constructor(config: Config) {
    this.config = config;
    this.rate = new RequestRate({ most: config.requestsPerMinute, now: () => performance.now() });
    this.terminals = config.listen;
    this.administration = administrationDoor(config);
  }

  /** Whether a request came by administration's door. */
  isAdministration({ raw }: ArrivedRequest): boolean {
    return this.administered.has(raw.socket);
  }

  /** The address that asks, for counting. */
  callerOf(request: ArrivedRequest): string {
    return callerOf(request, this.doorOf(request));
  }

  /** Hangs both doors in before the service listens. */
  hang(server: DoorsServer): void {
    const { http } = this.config;
    const second = createServer(serverTimes(http), (request, response) => {
      server.routing(request, response);
    });
    second.on("connection", (socket: Socket) => this.administered.add(socket));
    second.on("clientError", answerClientError);
    boundConnections(server.server, http, this.terminals.proxies);
    boundConnections(second, http, this.administration.proxies);
    server.addHook("onRequest", async (request, reply) => {
      const fault = doorFault(request, this.doorOf(request)) ?? this.rateFault(request);
      if (fault === null) return;
      const body = problems.body(fault.code, fault.detail);
      if ("seconds" in fault) reply.header("retry-after", String(fault.seconds));
      await reply.code(body.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(body));
    });
    server.addHook("preClose", async () => {
      await closed(second);
    });
    this.second = second;
  }

  /** Opens administration's door; answers its URL. */
  async openAdministration(): Promise<string> {
    const { second } = this;
    if (second === null) throw new Error("The doors are not hung.");
    const { host, port } = this.administration;
    await new Promise<void>((resolve, reject) => {
      second.once("error", reject);
      second.listen(port, host, resolve);
    });
    return urlOf(second, host);
  }

  /** Callers on this machine are its own programs, and are not counted. */
  private rateFault(request: ArrivedRequest) {
    const address = this.callerOf(request);
    const seconds = isLoopback(address) ? 0 : this.rate.waitSeconds(address);
    if (seconds === 0) return null;
    const detail = `This address asked as often in a minute as it may; ask again in ${seconds} s.`;
    return { code: "LIMIT_REACHED", detail, seconds } as const;
  }

  private doorOf(request: ArrivedRequest): Door {
    return this.isAdministration(request) ? this.administration : this.terminals;
  }
}

/** Where a server listens that was given a free port. */
export function urlOf(server: Server, host: string): string {
  const address = server.address();
  return listenUrl({ host, port: address !== null && typeof address === "object" ? address.port : 0 });
}

/** What Node answers to a request that never became one: it took too long, or is no HTTP. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  const isLate = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const body = JSON.stringify(
    isLate
      ? problems.body("REQUEST_TIMEOUT", "Send the whole request at once; repeating it is always safe.")
      : problems.body("MALFORMED_BODY", "This is no HTTP request."),
  );
  if (socket.writable && error.code !== "ECONNRESET") {
    const status = isLate ? "408 Request Timeout" : "400 Bad Request";
    const length = Buffer.byteLength(body);
    socket.write(
      `HTTP/1.1 ${status}\r\nContent-Type: ${PROBLEM_MEDIA_TYPE}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

/** Injection token of the doors. */
export const DOORS = Symbol("DOORS");
