import { type ApiCall, type ApiDocument, callsOf } from "./api-document.ts";

interface Request {
  readonly method: string;
  readonly routeOptions: { readonly url?: string };
}

interface Reply {
  readonly statusCode: number;
  getHeader(name: string): unknown;
}

/** The part of Fastify that is watched. */
export interface WatchedServer {
  addHook(
    name: "onRoute",
    hook: (route: { readonly method: string | readonly string[]; readonly url: string }) => void,
  ): unknown;
  addHook(
    name: "onSend",
    hook: (request: Request, reply: Reply, payload: unknown, done: (error: null, payload: unknown) => void) => void,
  ): unknown;
}

/**
 * Watches a service under test and compares what it answers with its OpenAPI document: each status,
 * each problem's code, and each answer with its schema. Made before the application is initialised.
 */
export class ApiWitness {
  /** Every route, such as `GET /v1/cards/{card}`; those for HEAD belong to GET. */
  readonly routes = new Set<string>();
  private readonly calls: ReadonlyMap<string, ApiCall>;
  private readonly faults = new Set<string>();

  constructor(server: WatchedServer, document: ApiDocument) {
    this.calls = new Map(callsOf(document).map((call) => [call.name, call]));
    server.addHook("onRoute", ({ method, url }) => {
      for (const each of [method].flat()) if (each !== "HEAD") this.routes.add(nameOf(each, url));
    });
    server.addHook("onSend", (request, reply, payload, done) => {
      this.see(request, reply, payload);
      done(null, payload);
    });
  }

  /** Throws where the service answered what its document does not name. */
  assertDescribed(): void {
    if (this.faults.size > 0) throw new Error(`not in the OpenAPI document: ${[...this.faults].join("; ")}`);
  }

  private see({ method, routeOptions }: Request, reply: Reply, payload: unknown): void {
    if (routeOptions.url === undefined) return;
    const call = this.calls.get(nameOf(method, routeOptions.url));
    if (call === undefined || typeof payload !== "string") return;
    // A browser reads a refusal as a page, which the document does not describe.
    if (String(reply.getHeader("content-type")).startsWith("text/html")) return;
    const { statusCode: status } = reply;
    if (status !== 200) {
      const { code } = JSON.parse(payload) as { readonly code?: unknown };
      const isNamed = call.problems.get(status)?.includes(String(code)) === true;
      if (!isNamed) this.faults.add(`${call.name} ${status} ${String(code)}`);
      return;
    }
    const fault = call.answer?.safeParse(JSON.parse(payload)).error;
    if (fault !== undefined) this.faults.add(`${call.name} 200 ${fault.message}`);
  }
}

function nameOf(method: string, url: string): string {
  return `${method} ${url.replace(/:([A-Za-z]+)/g, "{$1}")}`;
}
