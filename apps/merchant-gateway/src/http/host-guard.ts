import { PROBLEM_MEDIA_TYPE } from "@tallystick/program/service";
import { type ProblemCode, problems } from "./problem.ts";

/** The part of Fastify's request that the guard reads. */
export interface GuardedRequest {
  readonly method: string;
  readonly headers: { readonly host?: string; readonly origin?: string; readonly "content-type"?: string };
}

/** The part of Fastify that the guard needs. */
interface HookTarget {
  addHook(name: "onRequest", hook: (request: GuardedRequest, reply: Reply) => Promise<unknown>): unknown;
}

interface Reply {
  code(status: number): Reply;
  type(mediaType: string): Reply;
  send(body: string): Promise<unknown>;
}

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether a terminal listens where only this machine reaches it. */
function isLoopback(host: string): boolean {
  return loopbackNames.has(host) || host === "::1" || host.startsWith("127.");
}

/**
 * Why a request must not be answered, or null. A web page elsewhere could point its own name at 127.0.0.1 (DNS rebinding), or
 * send a form to the terminal through the cashier's browser; neither may take a payment.
 */
export function guardFault(
  request: GuardedRequest,
  listenHost: string,
): { readonly code: ProblemCode; readonly detail: string } | null {
  const { host = "", origin, "content-type": contentType } = request.headers;
  const name = host.replace(/:\d+$/, "").toLowerCase();
  if (isLoopback(listenHost) && !loopbackNames.has(name) && name !== listenHost) {
    return {
      code: "MISDIRECTED_HOST",
      detail: "Use the address at which the terminal listens, such as http://127.0.0.1.",
    };
  }
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return { code: "FOREIGN_ORIGIN", detail: "Only the terminal's own page may call the terminal from a browser." };
  }
  if (request.method === "POST" && contentType !== undefined && !/^application\/json\b/i.test(contentType)) {
    return { code: "UNSUPPORTED_MEDIA", detail: `Send application/json, not ${contentType.slice(0, 64)}.` };
  }
  return null;
}

/** Puts the guard before every request. */
export function guardRequests(server: HookTarget, listenHost: string): void {
  server.addHook("onRequest", async (request, reply) => {
    const fault = guardFault(request, listenHost);
    if (fault === null) return;
    const body = problems.body(fault.code, fault.detail);
    await reply.code(body.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(body));
  });
}
