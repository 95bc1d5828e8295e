import { createHash, timingSafeEqual } from "node:crypto";
import { Logger } from "@nestjs/common";
import { callerOf, doorFault, type DoorRequest, isLoopback, tokenOf, WrongTokens } from "@tallystick/program";
import { PROBLEM_MEDIA_TYPE } from "@tallystick/program/service";
import type { GatewayConfig } from "../../config/gateway-config.ts";
import { pairingNeeded } from "../../doors/access.ts";
import { type Caller, HERE, PROXY, tokenCaller } from "../../doors/caller.ts";
import type { Pairing } from "../../doors/pairing.ts";
import { type ProblemCode, problems } from "../problem.ts";
import { keyOfCookie } from "./device-cookie.ts";

/** The part of Fastify's request that the guard reads, and what it writes into it. */
export interface GuardedRequest extends DoorRequest {
  readonly method: string;
  readonly url?: string;
  /** Who asks; null where it is a device that may only be paired. */
  caller?: Caller | null;
}

/** Why a request must not be answered. */
interface GuardFault {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly retryAfterSeconds?: number;
}

/** The part of Fastify that the guard needs. */
interface HookTarget {
  addHook(name: "onRequest", hook: (request: GuardedRequest, reply: Reply) => Promise<unknown>): unknown;
}

interface Reply {
  code(status: number): Reply;
  type(mediaType: string): Reply;
  header(name: string, value: string): Reply;
  send(body: string): Promise<unknown>;
}

type GuardConfig = Pick<GatewayConfig, "listen" | "tokens" | "pairing">;

export interface DoorGuardParts {
  readonly pairing: Pick<Pairing, "deviceOf">;
  /** Takes one line a minute about wrong tokens. */
  readonly warn: (message: string) => void;
  /** Any clock in milliseconds. */
  readonly now: () => number;
}

/** What a browser is told, so that it asks the cashier for the token as a password. */
const CHALLENGE = 'Basic realm="Tallystick terminal", charset="UTF-8"';

/** The calls that a device makes before it is paired; the page itself holds nothing of anybody. */
const OPEN_CALLS: ReadonlySet<string> = new Set(["GET /v1/session", "POST /v1/pairing"]);
const GUARDED_PATHS = /^\/(v1|openapi|livez)/i;

/** Judges each request before anything of it is read: its door, who asks, and its media type. */
export class DoorGuard {
  private readonly config: GuardConfig;
  private readonly parts: DoorGuardParts;
  private readonly hashes: readonly Buffer[];
  private readonly wrong: WrongTokens;

  constructor(config: GuardConfig, parts: DoorGuardParts) {
    this.config = config;
    this.parts = parts;
    this.hashes = config.tokens.map(sha256);
    this.wrong = new WrongTokens({ now: parts.now, warn: parts.warn });
  }

  /** Why a request must not be answered, or null; then the request holds who asks. */
  faultOf(request: GuardedRequest): GuardFault | null {
    return doorFault(request, this.config.listen) ?? this.callerFault(request) ?? mediaFault(request);
  }

  /** A password that a browser sends by itself does no harm: no other page's request comes this far. */
  private callerFault(request: GuardedRequest): GuardFault | null {
    const { tokens, pairing, listen } = this.config;
    const { authorization, cookie } = request.headers;
    const given = tokenOf(typeof authorization === "string" ? authorization : undefined, { basic: true });
    if (given !== null && (pairing || tokens.length > 0)) return this.tokenFault(request, given);
    if (pairing) {
      const key = keyOfCookie(typeof cookie === "string" ? cookie : "");
      const device = key === null ? null : this.parts.pairing.deviceOf(key);
      if (device !== null) return letIn(request, { kind: "page", device });
    }
    if (tokens.length === 0 && listen.proxies.length === 0 && (!pairing || isOfThisMachine(request)))
      return letIn(request, HERE);
    if (!pairing && tokens.length === 0) return letIn(request, PROXY);
    if (!pairing) return { code: "UNAUTHENTICATED", detail: "Send a configured token, as Bearer or as password." };
    const { code, message: detail } = pairingNeeded();
    return isOpen(request) ? letIn(request, null) : { code, detail };
  }

  /** A configured token, or the key of a paired program. */
  private tokenFault(request: GuardedRequest, given: string): GuardFault | null {
    const address = callerOf(request, this.config.listen);
    const hash = sha256(given);
    const proof = hash.toString("base64");
    const wait = this.wrong.waitSeconds(address, proof);
    if (wait > 0) {
      const detail = "Too many wrong tokens came from this address; wait, and correct it.";
      return { code: "WRONG_TOKENS", detail, retryAfterSeconds: wait };
    }
    const caller = this.callerOfToken(given, hash);
    if (caller !== null) {
      this.wrong.right(address, proof);
      return letIn(request, caller);
    }
    this.wrong.wrong(address);
    return { code: "UNAUTHENTICATED", detail: "The token is not one of the configured ones, and of no paired device." };
  }

  private callerOfToken(given: string, hash: Buffer): Caller | null {
    // All are compared, so that the time tells none.
    const places = this.hashes.flatMap((known, index) => (timingSafeEqual(known, hash) ? [index] : []));
    const [place] = places;
    if (place !== undefined) return tokenCaller(place);
    const device = this.config.pairing ? this.parts.pairing.deviceOf(given) : null;
    return device === null ? null : { kind: "program", device };
  }
}

function letIn(request: GuardedRequest, caller: Caller | null): null {
  request.caller = caller;
  return null;
}

function isOfThisMachine(request: GuardedRequest): boolean {
  return isLoopback(callerOf(request, { proxies: [] }));
}

function isOpen({ method, url = "" }: GuardedRequest): boolean {
  const [path = ""] = url.split("?");
  return OPEN_CALLS.has(`${method} ${path}`) || (method === "GET" && !GUARDED_PATHS.test(decoded(path)));
}

/** What a server might take a path for is guarded like the path itself. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path).replace(/^\/+/, "/");
  } catch {
    return "/v1";
  }
}

/** A form of another page has one of three media types, none of which is taken. */
function mediaFault({ method, headers }: GuardedRequest): GuardFault | null {
  const { "content-type": type } = headers;
  if (method === "GET" || type === undefined || /^application\/json\b/i.test(String(type))) return null;
  return { code: "UNSUPPORTED_MEDIA", detail: `Send application/json, not ${String(type).slice(0, 64)}.` };
}

/** Puts the guard before every request. */
export function guardRequests(server: HookTarget, config: GuardConfig, pairing: DoorGuardParts["pairing"]): void {
  const log = new Logger(DoorGuard.name);
  const warn = (message: string): void => {
    log.warn(message);
  };
  const guard = new DoorGuard(config, { pairing, warn, now: () => performance.now() });
  server.addHook("onRequest", async (request, reply) => {
    const fault = guard.faultOf(request);
    if (fault === null) return;
    const body = problems.body(fault.code, fault.detail);
    if (fault.retryAfterSeconds !== undefined) reply.header("retry-after", String(fault.retryAfterSeconds));
    if (fault.code === "UNAUTHENTICATED") reply.header("www-authenticate", CHALLENGE);
    await reply.code(body.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(body));
  });
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
