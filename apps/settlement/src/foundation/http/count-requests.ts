import { count, observe, registerCall } from "../figures/figures.ts";
import type { ArrivedRequest, Doors } from "./doors.ts";

type AnsweredRequest = ArrivedRequest & {
  readonly method: string;
  readonly routeOptions: { readonly url?: string | undefined };
};

interface Answer {
  readonly statusCode: number;
  /** Milliseconds since the request's headers. */
  readonly elapsedTime: number;
}

interface CountedRoute {
  readonly method: string | readonly string[];
  readonly url: string;
}

/** The part of Fastify's server that tells of calls and answers. */
interface CountedServer {
  addHook(name: "onRoute", hook: (route: CountedRoute) => void): unknown;
  addHook(name: "onResponse", hook: (request: AnsweredRequest, reply: Answer) => Promise<void>): unknown;
}

/** Whoever asks for an answer without its body makes the same call. */
const countedMethod = (method: string): string => (method === "HEAD" ? "GET" : method);

/** Counts every answer by the path that its call is registered at, never by the path that was asked. */
export function countRequests(server: CountedServer, doors: Doors): void {
  server.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) registerCall(countedMethod(each), url);
  });
  server.addHook("onResponse", async (request, { statusCode, elapsedTime }) => {
    const door = doors.isAdministration(request) ? "administration" : "terminals";
    const status = `${Math.floor(statusCode / 100)}xx`;
    const { url: route = "" } = request.routeOptions;
    count("tallystick_http_requests_total", { door, method: countedMethod(request.method), route, status });
    observe("tallystick_http_seconds", { door, status }, elapsedTime / 1_000);
    if ([401, 403, 421, 429].includes(statusCode))
      count("tallystick_refused_callers_total", { status: statusCode.toString() });
    await Promise.resolve();
  });
}
