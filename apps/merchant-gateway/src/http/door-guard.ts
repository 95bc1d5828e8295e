import { createHash, timingSafeEqual } from "node:crypto";
import { Logger } from "@nestjs/common";
import { callerOf, doorFault, type DoorRequest, tokenOf, WrongTokens } from "@tallystick/program";
import { PROBLEM_MEDIA_TYPE } from "@tallystick/program/service";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { type ProblemCode, problems } from "./problem.ts";

/** The part of Fastify's request that the guard reads. */
export interface GuardedRequest extends DoorRequest {
  readonly method: string;
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

/** What a browser is told, so that it asks the cashier for the token as a password. */
const CHALLENGE = 'Basic realm="Tallystick terminal", charset="UTF-8"';

/** Judges each request before anything of it is read: its door, its token, and its media type. */
export class DoorGuard {
  private readonly config: Pick<GatewayConfig, "listen" | "tokens">;
  private readonly hashes: readonly Buffer[];
  private readonly wrong: WrongTokens;

  /** `warn` takes one line a minute about wrong tokens; `now` is any clock in milliseconds. */
  constructor(
    config: Pick<GatewayConfig, "listen" | "tokens">,
    { warn, now }: { readonly warn: (message: string) => void; readonly now: () => number },
  ) {
    this.config = config;
    this.hashes = config.tokens.map(sha256);
    this.wrong = new WrongTokens({ now, warn });
  }

  /** Why a request must not be answered, or null. */
  faultOf(request: GuardedRequest): GuardFault | null {
    return doorFault(request, this.config.listen) ?? this.tokenFault(request) ?? mediaFault(request);
  }

  /** A password that a browser sends by itself does no harm: no other page's request comes this far. */
  private tokenFault(request: GuardedRequest): GuardFault | null {
    if (this.hashes.length === 0) return null;
    const { authorization } = request.headers;
    const given = tokenOf(typeof authorization === "string" ? authorization : undefined, { basic: true });
    if (given === null)
      return { code: "UNAUTHENTICATED", detail: "Send a configured token, as Bearer or as password." };
    const caller = callerOf(request, this.config.listen);
    const hash = sha256(given);
    const proof = hash.toString("base64");
    const wait = this.wrong.waitSeconds(caller, proof);
    if (wait > 0) {
      const detail = "Too many wrong tokens came from this address; wait, and correct it.";
      return { code: "WRONG_TOKENS", detail, retryAfterSeconds: wait };
    }
    if (this.hashes.filter((known) => timingSafeEqual(known, hash)).length > 0) {
      this.wrong.right(caller, proof);
      return null;
    }
    this.wrong.wrong(caller);
    return { code: "UNAUTHENTICATED", detail: "The token is not one of the configured ones." };
  }
}

/** A form of another page has one of three media types, none of which is taken. */
function mediaFault({ method, headers }: GuardedRequest): GuardFault | null {
  const { "content-type": type } = headers;
  if (method === "GET" || type === undefined || /^application\/json\b/i.test(String(type))) return null;
  return { code: "UNSUPPORTED_MEDIA", detail: `Send application/json, not ${String(type).slice(0, 64)}.` };
}

/** Puts the guard before every request. */
export function guardRequests(server: HookTarget, config: Pick<GatewayConfig, "listen" | "tokens">): void {
  const log = new Logger(DoorGuard.name);
  const warn = (message: string): void => {
    log.warn(message);
  };
  const guard = new DoorGuard(config, { warn, now: () => performance.now() });
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
