import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import type { Sales } from "../../../src/sales/sales.ts";
import type { SaleWire } from "../../../src/http/sales/sale-wire.ts";

/** What happens to the next request of a page. */
export type LineFault = "none" | "lose-request" | "lose-answer";

type Stream = ReadableStreamDefaultController<Uint8Array>;

/**
 * The line between the pages and a real app, of which a test decides what it carries. Requests reach the app's HTTP
 * server without a socket; its events are those of its sales.
 */
export class TerminalLine {
  private readonly app: NestFastifyApplication;
  private readonly sales: () => Sales;
  private readonly wire: () => SaleWire;
  private readonly streams = new Set<Stream>();
  private readonly pending = new Set<Promise<unknown>>();
  private unsubscribe: () => void = () => undefined;
  /** Nothing comes through while it is cut; a stream ends. */
  isCut = false;
  /** Bytes stay on the way, and nobody is told: a line that is open at one end only. */
  isHalfOpen = false;
  /** Faults of the next requests, in order. */
  readonly faults: LineFault[] = [];
  /** What was asked for, such as `PUT /v1/sales/x`. */
  readonly asked: string[] = [];

  constructor(app: NestFastifyApplication, parts: { readonly sales: () => Sales; readonly wire: () => SaleWire }) {
    this.app = app;
    this.sales = parts.sales;
    this.wire = parts.wire;
    this.listen();
  }

  /** Follows the sales of the terminal that runs now; after each restart anew. */
  listen(): void {
    this.unsubscribe();
    this.unsubscribe = this.sales().subscribe((view) => {
      this.send(`event: sale\ndata: ${JSON.stringify(this.wire().of(view))}\n\n`);
    });
  }

  /** One sign of life on every stream. */
  beat(): void {
    this.send("event: beat\ndata: {}\n\n");
  }

  /** From now on bytes stay on the way. What was open then never carries anything again. */
  hang(): void {
    this.isHalfOpen = true;
    this.streams.clear();
  }

  cut(): void {
    this.isCut = true;
    for (const stream of this.streams) end(stream);
    this.streams.clear();
  }

  /** Whether the terminal works on a request. */
  get isBusy(): boolean {
    return this.pending.size > 0;
  }

  readonly fetch = (async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    return await this.carry(String(url), init);
  }) as typeof fetch;

  private async carry(url: string, init: RequestInit): Promise<Response> {
    const method = init.method ?? "GET";
    this.asked.push(`${method} ${url}`);
    if (url.endsWith("/v1/events")) return this.follow(init.signal ?? null);
    const fault = this.faults.shift() ?? "none";
    if (this.isCut || fault === "lose-request") throw new TypeError("the line is cut");
    // What is on a half-open line reaches nobody, and its sender hears nothing.
    if (this.isHalfOpen) return await hung(init.signal ?? null);
    const body = typeof init.body === "string" ? { payload: init.body } : {};
    const headers = { ...(init.headers as Record<string, string> | undefined), host: "127.0.0.1" };
    const work = this.app.inject({ method: method as "GET", url, headers, ...body });
    this.pending.add(work);
    const answer = await work;
    this.pending.delete(work);
    if (this.isHalfOpen || this.isCut || fault === "lose-answer") throw new TypeError("the answer is lost");
    if (init.signal?.aborted === true) throw new TypeError("aborted");
    return new Response(answer.statusCode === 204 ? null : answer.payload, {
      status: answer.statusCode,
      headers: { "content-type": String(answer.headers["content-type"]) },
    });
  }

  private follow(signal: AbortSignal | null): Response {
    if (this.isCut) throw new TypeError("the line is cut");
    let own: Stream | null = null;
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        own = stream;
        this.streams.add(stream);
      },
    });
    signal?.addEventListener("abort", () => {
      if (own !== null) this.streams.delete(own);
    });
    return new Response(body);
  }

  private send(text: string): void {
    if (this.isHalfOpen || this.isCut) return;
    for (const stream of this.streams)
      try {
        stream.enqueue(new TextEncoder().encode(text));
      } catch {
        this.streams.delete(stream);
      }
  }
}

function end(stream: Stream): void {
  try {
    stream.close();
  } catch {
    // Its reader has left already.
  }
}

async function hung(signal: AbortSignal | null): Promise<never> {
  return await new Promise<never>((_, reject) => {
    signal?.addEventListener("abort", () => {
      reject(new TypeError("aborted"));
    });
  });
}
