import { ORDER_REPORT_BODY_BYTES } from "./limits.ts";
import type { Right } from "../../rights.ts";
import type { CallerRequest, Callers } from "../callers.ts";
import type { Doors } from "../doors.ts";
import { actorWith, assertAdministration } from "../roles.ts";

/** A call that takes larger bodies than the others, and of whom. */
export interface LargeBodyCall {
  /** Most bytes of a body; more is PAYLOAD_TOO_LARGE. */
  readonly bytes: number;
  /** What its caller has a right to, before the first byte of a body is kept. */
  readonly right: Right;
}

/** Every call whose bodies may be larger than `httpBodyBytes`, by method and path. */
export const largeBodyCalls: Readonly<Record<string, LargeBodyCall>> = {
  "POST /v1/order-reports": { bytes: ORDER_REPORT_BODY_BYTES, right: "cards" },
};

type LargeBodyRequest = CallerRequest & { readonly routeOptions: { readonly url?: string | undefined } };

interface AddedRoute {
  readonly url: string;
  readonly method: string | readonly string[];
  bodyLimit?: number;
}

/** The part of Fastify's server that is told of calls before and while they are served. */
interface RoutedServer {
  addHook(name: "onRoute", hook: (route: AddedRoute) => void): unknown;
  addHook(name: "onRequest", hook: (request: LargeBodyRequest) => Promise<void>): unknown;
}

/**
 * Gives the calls of the table their own limits. The framework reads a body before its guards are
 * asked, so callers of these are judged here too, by their headers alone; they refuse with the
 * guard's codes. Called before routes are added.
 */
export function takeLargeBodies(
  server: RoutedServer,
  { doors, callers }: { readonly doors: Doors; readonly callers: Callers },
): void {
  server.addHook("onRoute", (route) => {
    const [method = ""] = [route.method].flat();
    const call = largeBodyCalls[`${method} ${route.url}`];
    if (call !== undefined) route.bodyLimit = call.bytes;
  });
  server.addHook("onRequest", async (request) => {
    const call = largeBodyCalls[`${request.method} ${request.routeOptions.url ?? ""}`];
    if (call === undefined) return;
    assertAdministration(doors, request);
    const { actors } = await callers.of(request);
    actorWith(call.right, actors);
  });
}
