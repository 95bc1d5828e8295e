import { assertAdministration, actorWith, SIGN_IN_PATH } from "../roles.ts";
import type { CallerRequest, Callers } from "../callers.ts";
import type { Doors } from "../doors.ts";
import type { GuardedRoute } from "../guarded-routes.ts";
import { isReading } from "../own-pages.ts";
import { Problem } from "../problem.ts";
import { LARGE_BODIES, PAGE_BODY_BYTES } from "./limits.ts";

type RoutedRequest = CallerRequest & { readonly routeOptions: { readonly url?: string | undefined } };

interface AddedRoute {
  readonly url: string;
  readonly method: string | readonly string[];
  bodyLimit?: number;
}

/** The part of Fastify's reply that answers a browser at once. */
interface Redirects {
  redirect(path: string, status: number): unknown;
}

/** The part of Fastify's server that is told of calls before and while they are served. */
interface RoutedServer {
  addHook(name: "onRoute", hook: (route: AddedRoute) => void): unknown;
  addHook(name: "onRequest", hook: (request: RoutedRequest, reply: Redirects) => Promise<unknown>): unknown;
}

/** What judging callers needs. */
interface JudgeParts {
  readonly doors: Doors;
  readonly callers: Callers;
  readonly routes: readonly GuardedRoute[];
}

/**
 * Judges callers by their headers alone, before the first byte of a body is kept: the framework reads
 * a body before its guards are asked. Refusals have the guard's codes. A page refuses on a page, by
 * its guard, behind a form of few bytes. Bodies of the calls in LARGE_BODIES may be larger than
 * `httpBodyBytes`. Called before routes are added.
 */
export function judgeCallersFirst(server: RoutedServer, { doors, callers, routes }: JudgeParts): void {
  const known = new Map(routes.map((route) => [`${route.method} ${route.url}`, route]));
  server.addHook("onRoute", (route) => {
    const [method = ""] = [route.method].flat();
    const name = `${method} ${route.url}`;
    const bytes = known.get(name)?.isPage === true ? PAGE_BODY_BYTES : LARGE_BODIES[name];
    if (bytes !== undefined) route.bodyLimit = bytes;
  });
  server.addHook("onRequest", async (request, reply) => {
    if (isReading(request.method)) return undefined;
    const route = known.get(`${request.method} ${request.routeOptions.url ?? ""}`);
    if (route === undefined || isOpen(route, doors.isAdministration(request))) return undefined;
    assertAdministration(doors, request);
    if (route.isPage) return await judgePage(request, reply, callers);
    const { actors } = await callers.known(request);
    actorWith(route.right ?? (route.openTo === "terminals" ? "self" : "read"), actors);
    return undefined;
  });
}

function isOpen({ openTo }: GuardedRoute, isAdministration: boolean): boolean {
  return openTo === "anybody" || openTo === "browsers" || (openTo === "terminals" && !isAdministration);
}

/** Leads a browser without a session to sign in; everything else is the guard's. */
async function judgePage(request: RoutedRequest, reply: Redirects, callers: Callers): Promise<unknown> {
  try {
    await callers.known(request);
    return undefined;
  } catch (error) {
    const signsIn = error instanceof Problem && error.code === "UNAUTHENTICATED";
    if (!signsIn || request.headers["authorization"] !== undefined) return undefined;
    return reply.redirect(SIGN_IN_PATH, 303);
  }
}
