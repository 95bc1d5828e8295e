import { problemBody } from "./problem.ts";

/** The part of Fastify that the guard needs. */
interface HookTarget {
  addHook(
    name: "onRequest",
    hook: (request: { readonly headers: { readonly host?: string } }, reply: Reply) => Promise<unknown>,
  ): unknown;
}

interface Reply {
  code(status: number): Reply;
  type(mediaType: string): Reply;
  send(body: string): Promise<unknown>;
}

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether a till listens where only this machine reaches it. */
export function isLoopback(host: string): boolean {
  return loopbackNames.has(host) || host === "::1" || host.startsWith("127.");
}

/**
 * On loopback, answers only requests that name this machine: a web page elsewhere could otherwise point its own name at
 * 127.0.0.1 and take payments through the cashier's browser (DNS rebinding).
 */
export function guardHost(server: HookTarget, listenHost: string): void {
  if (!isLoopback(listenHost)) return;
  server.addHook("onRequest", async (request, reply) => {
    const name = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
    if (loopbackNames.has(name) || name === listenHost) return;
    const body = problemBody(
      "MISDIRECTED_HOST",
      "Use the address at which the till listens, such as http://127.0.0.1.",
    );
    await reply.code(body.status).type("application/problem+json; charset=utf-8").send(JSON.stringify(body));
  });
}
