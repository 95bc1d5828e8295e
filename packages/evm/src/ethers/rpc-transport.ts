import { MAX_ANSWER_BYTES, MAX_NODE_MESSAGE } from "../limits.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { cleanText } from "./clean-text.ts";
import { NodePause } from "./node-pause.ts";
import { refusalOf, type NodeRefusal } from "./node-refusal.ts";

export interface RpcTransportOptions {
  /** JSON-RPC over HTTP; a name and password in it are sent as such. */
  readonly url: string;
  /** A node that is silent this long is away, milliseconds. */
  readonly timeoutMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to below 1, for the jitter of pauses. */
  readonly random: () => number;
  /** Bytes of an answer that are read at most. */
  readonly maxAnswerBytes?: number;
}

/**
 * JSON-RPC over HTTP, one question a request. Whatever is no answer is an RpcError whose text never
 * shows the node's address, in which providers put their keys. A node that asks for rest, or fails,
 * is left alone for a while.
 */
export class RpcTransport {
  private readonly url: string;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly options: RpcTransportOptions;
  private readonly pause: NodePause;
  private readonly closed = new AbortController();
  private nextId = 1;

  constructor(options: RpcTransportOptions) {
    const { url, name } = splitUrl(options.url);
    this.url = url;
    this.headers = { "content-type": "application/json", ...(name === null ? {} : { authorization: name }) };
    this.options = options;
    this.pause = new NodePause(options);
  }

  /** Ends what is under way; nothing is answered afterwards. */
  close(): void {
    this.closed.abort();
  }

  restingUntil(): number {
    return this.pause.restingUntil();
  }

  /** The result as JSON has it; null and undefined are null. Rejects with RpcError. */
  async send(method: string, params: readonly unknown[]): Promise<unknown> {
    this.pause.check();
    const response = await this.post(method, params);
    const body = await this.read(method, response);
    const answer = parse(body);
    if (answer === null) throw this.noAnswer(method, response);
    if ("error" in answer && answer.error != null) {
      const error = refusalOf(method, answer.error as NodeRefusal);
      if (error.code === "RATE_LIMITED") this.pause.failed(error, response.headers.get("retry-after"));
      else this.pause.answered();
      throw error;
    }
    this.pause.answered();
    return answer.result ?? null;
  }

  private async post(method: string, params: readonly unknown[]): Promise<Response> {
    const { timeoutMs } = this.options;
    const id = this.nextId;
    this.nextId += 1;
    try {
      return await fetch(this.url, {
        method: "POST",
        headers: this.headers,
        body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
        redirect: "manual",
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.closed.signal]),
      });
    } catch (error) {
      throw this.unreachable(method, error);
    }
  }

  private async read(method: string, response: Response): Promise<string> {
    const { maxAnswerBytes = MAX_ANSWER_BYTES } = this.options;
    const pieces: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const piece of response.body ?? []) {
        length += (piece as Uint8Array).length;
        if (length > maxAnswerBytes) break;
        pieces.push(piece as Uint8Array);
      }
    } catch (error) {
      throw this.unreachable(method, error);
    }
    if (length <= maxAnswerBytes) return Buffer.concat(pieces).toString("utf8");
    throw new RpcError("ANSWER_TOO_LARGE", `${method}: the answer is longer than ${maxAnswerBytes} bytes.`);
  }

  private unreachable(method: string, error: unknown): RpcError {
    const { timeoutMs } = this.options;
    const late = error instanceof Error && error.name === "TimeoutError";
    const why = late ? `it is silent for ${timeoutMs / 1_000} s` : reasonOf(error);
    const unreachable = new RpcError("UNREACHABLE", `${method}: the node did not answer (${why}).`);
    if (!this.closed.signal.aborted) this.pause.failed(unreachable);
    return unreachable;
  }

  /** What came is no answer of JSON-RPC. */
  private noAnswer(method: string, { status, headers }: Response): RpcError {
    const what = `${method}: the node answered HTTP ${status}`;
    const error =
      status === 429
        ? new RpcError("RATE_LIMITED", `${what}: it wants to be asked less often.`)
        : status >= 200 && status < 400
          ? new RpcError("FOREIGN_ANSWER", `${what}, and what came is not JSON-RPC. Check the node's URL.`)
          : new RpcError("UNREACHABLE", `${what}.`);
    this.pause.failed(error, headers.get("retry-after"));
    return error;
  }
}

interface Answer {
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Null for what is no answer of JSON-RPC. */
function parse(body: string): Answer | null {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return null;
  const { error } = answer as Answer;
  if (error != null && typeof error !== "object") return null;
  return "result" in answer || error != null ? answer : null;
}

function splitUrl(text: string): { readonly url: string; readonly name: string | null } {
  const url = new URL(text);
  if (url.username === "" && url.password === "") return { url: text, name: null };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = "";
  url.password = "";
  return { url: url.href, name: `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** The cause behind "fetch failed", without any address. */
function reasonOf(error: unknown): string {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  if (typeof code === "string") return code;
  const text = error instanceof Error ? error.message : String(error);
  return cleanText(text.replace(/\b[a-z]+:\/\/\S+/gi, "its address"), MAX_NODE_MESSAGE);
}
