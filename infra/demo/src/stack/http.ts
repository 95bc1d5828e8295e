import { ANSWER_DEADLINE_MS, AWAY_STATUS } from "../limits.ts";

/** What an app answered that was not a success: its problem document (RFC 9457) where it sent one. */
export class AnswerError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(options: { method: string; url: string; status: number; code: string; detail: string }) {
    super(`${options.method} ${options.url} answered ${options.status} ${options.code}: ${options.detail}`);
    this.name = "AnswerError";
    this.status = options.status;
    this.code = options.code;
  }
}

/** An app's HTTP interface: JSON in, JSON out, one bearer token. */
export interface Http {
  readonly url: string;
  readonly get: <T>(path: string) => Promise<T>;
  readonly post: <T>(path: string, body?: unknown) => Promise<T>;
  readonly put: <T>(path: string, body: unknown) => Promise<T>;
}

/** Makes a client of an app; every answer but a success, or a readiness, is an AnswerError. */
export function httpClient(url: string, token?: string): Http {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
    });
    const text = await response.text();
    if (response.ok || isNotReady(text)) return JSON.parse(text) as T;
    const problem = readProblem(text);
    throw new AnswerError({ method, url: url + path, status: response.status, ...problem });
  };
  return {
    url,
    get: async (path) => await call("GET", path),
    post: async (path, body = {}) => await call("POST", path, body),
    put: async (path, body) => await call("PUT", path, body),
  };
}

/** An app that is not ready answers 503 with its whole state, which is what was asked for. */
function isNotReady(text: string): boolean {
  try {
    return (JSON.parse(text) as { readonly ready?: unknown } | null)?.ready === false;
  } catch {
    return false;
  }
}

function readProblem(text: string): { code: string; detail: string } {
  try {
    const { code, detail, title } = JSON.parse(text) as { code?: string; detail?: string; title?: string };
    return { code: code ?? "NO_CODE", detail: detail ?? title ?? text };
  } catch {
    return { code: "NO_PROBLEM_DOCUMENT", detail: text.slice(0, 200) };
  }
}

/** Null where a part that the app needs is away just now, which it says: whoever asks again later is answered. */
export async function unlessAway<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AnswerError && error.status === AWAY_STATUS) return null;
    throw error;
  }
}
