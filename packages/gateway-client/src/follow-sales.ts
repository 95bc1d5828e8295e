import type { AnswerOf, GatewayClient } from "./client.ts";
import { EventText } from "./event-text.ts";
import { BEAT_DEADLINE_MS, FOLLOW_PAUSE_MS } from "./limits.ts";

/** One sale as the gateway answers it. */
export type Sale = AnswerOf<"GET /v1/sales/{id}">;

/** Who listens to sales. */
export interface SaleListener {
  readonly onSale: (sale: Sale) => void;
  /**
   * The line is up: read now what you care for, because events of the time before are not repeated. Called at
   * every new connection.
   */
  readonly onUp: () => void;
  /** The line was lost, or is silent for longer than two beats; it is tried again until it is up. */
  readonly onDown: () => void;
}

/** Follows the sales of a gateway until what it answers is called. */
export function followSales(client: GatewayClient, listener: SaleListener): () => void {
  const end = new AbortController();
  void follow(client, listener, end.signal);
  return () => {
    end.abort();
  };
}

async function follow(client: GatewayClient, listener: SaleListener, signal: AbortSignal): Promise<void> {
  const isEnded = (): boolean => signal.aborted;
  while (!isEnded()) {
    try {
      await followOnce(client, listener, signal);
    } catch {
      // Whatever broke it, the line is tried again.
    }
    if (isEnded()) return;
    listener.onDown();
    await new Promise<void>((resolve) => {
      const cancel = client.parts.after(FOLLOW_PAUSE_MS, resolve);
      signal.addEventListener("abort", () => {
        cancel();
        resolve();
      });
    });
  }
}

/** One connection; ends when it is lost or silent. */
async function followOnce(client: GatewayClient, listener: SaleListener, signal: AbortSignal): Promise<void> {
  const { fetch, url, headers, after } = client.parts;
  const line = new AbortController();
  const drop = (): void => {
    line.abort();
  };
  signal.addEventListener("abort", drop);
  let cancel = after(BEAT_DEADLINE_MS, drop);
  const alive = (): void => {
    cancel();
    cancel = after(BEAT_DEADLINE_MS, drop);
  };
  try {
    const response = await fetch(`${url}/v1/events`, {
      headers: { ...headers, accept: "text/event-stream" },
      cache: "no-store",
      signal: line.signal,
    });
    if (!response.ok || response.body === null) return;
    const text = new EventText();
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    let isUp = false;
    for (;;) {
      const { done, value } = await race(reader.read(), line.signal);
      if (done) return;
      for (const event of text.take(decoder.decode(value, { stream: true }))) {
        alive();
        if (!isUp) listener.onUp();
        isUp = true;
        if (event.type === "sale") listener.onSale(JSON.parse(event.data) as Sale);
      }
    }
  } finally {
    cancel();
    drop();
    signal.removeEventListener("abort", drop);
  }
}

/** A read that a half-open line never ends is given up with its signal. */
async function race<T>(reading: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw signal.reason;
  return await new Promise<T>((resolve, reject) => {
    const give = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", give, { once: true });
    reading.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", give);
    });
  });
}
