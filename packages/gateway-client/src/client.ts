import type { paths } from "./generated/gateway-api.ts";
import { CALL_DEADLINE_MS } from "./limits.ts";
import { GatewayError, NO_ANSWER, NOT_A_GATEWAY } from "./problem.ts";
import { type After, deadline } from "./time.ts";

type Method = "get" | "put" | "post" | "delete";

/** Every call of the gateway, such as `PUT /v1/sales/{id}`. */
export type Route = {
  [Path in keyof paths & string]: {
    [M in Method]: paths[Path][M] extends { readonly responses: unknown } ? `${Uppercase<M>} ${Path}` : never;
  }[Method];
}[keyof paths & string];

type OperationOf<R extends Route> = R extends `${infer M} ${infer Path}`
  ? Path extends keyof paths
    ? Lowercase<M> extends keyof paths[Path]
      ? paths[Path][Lowercase<M>]
      : never
    : never
  : never;

/** What a call answers with 200. */
export type AnswerOf<R extends Route> =
  OperationOf<R> extends { readonly responses: { 200: { content: { "application/json": infer Body } } } }
    ? Body
    : never;

/** What a call takes as its body. */
export type BodyOf<R extends Route> =
  OperationOf<R> extends { readonly requestBody?: { content: { "application/json": infer Body } } } ? Body : never;

/** The variable parts of a call's path and its query. */
export interface CallOptions<R extends Route> {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: BodyOf<R>;
  readonly signal?: AbortSignal;
  /** How long the answer is waited for. */
  readonly deadlineMs?: number;
}

export interface ClientParts {
  readonly fetch: typeof fetch;
  /** Where the gateway is, such as `http://127.0.0.1:8300`; empty in a page that it serves. */
  readonly url: string;
  readonly after: After;
  /** Sent with every call, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The gateway's calls with the types of its OpenAPI document. */
export class GatewayClient {
  readonly parts: ClientParts;

  constructor(parts: ClientParts) {
    this.parts = parts;
  }

  /**
   * One call. Throws GatewayError with the gateway's code, or NO_ANSWER where the line broke or the deadline
   * passed. The state of a terminal that cannot sell comes with 503 and is an answer.
   */
  async call<R extends Route>(route: R, options: CallOptions<R> = {}): Promise<AnswerOf<R>> {
    const { fetch, url, after, headers } = this.parts;
    const { body, deadlineMs = CALL_DEADLINE_MS } = options;
    const [method = "", template = ""] = route.split(" ");
    const limit = deadline(after, { ms: deadlineMs, signal: options.signal });
    try {
      const response = await fetch(`${url}${placeOf(template, options)}`, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        cache: "no-store",
        signal: limit.signal,
      });
      return answerOf<R>(response, await response.text());
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      throw new GatewayError({ code: NO_ANSWER, message: "The terminal does not answer.", status: null });
    } finally {
      limit.end();
    }
  }
}

function placeOf<R extends Route>(template: string, { path = {}, query = {} }: CallOptions<R>): string {
  const place = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ""));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, String(value));
  return asked.size === 0 ? place : `${place}?${asked.toString()}`;
}

function answerOf<R extends Route>(response: Response, text: string): AnswerOf<R> {
  const body = parsed(text);
  const { status } = response;
  if (body === null) {
    // 204 answers nothing.
    if (response.ok && text === "") return undefined as never;
    throw new GatewayError({ code: NOT_A_GATEWAY, message: `No gateway answered this (${status}).`, status });
  }
  // The one place where the wire becomes a type: the gateway validates what it answers.
  if (response.ok || typeof body["ready"] === "boolean") return body as AnswerOf<R>;
  const { code, detail } = body;
  const wait = Number(response.headers.get("retry-after") ?? Number.NaN);
  throw new GatewayError({
    code: typeof code === "string" ? code : NOT_A_GATEWAY,
    message: typeof detail === "string" ? detail : `The terminal answered ${status}.`,
    status,
    retryAfterSeconds: Number.isFinite(wait) ? wait : null,
  });
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
