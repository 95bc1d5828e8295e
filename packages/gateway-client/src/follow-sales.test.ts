import { describe, expect, it } from "@jest/globals";
import { GatewayClient } from "./client.ts";
import { EventText } from "./event-text.ts";
import { followSales, type Sale } from "./follow-sales.ts";
import { BEAT_DEADLINE_MS, FOLLOW_PAUSE_MS, MAX_EVENT_LENGTH } from "./limits.ts";
import { FakeTime } from "./testing/fake-time.ts";

const BEAT = "event: beat\ndata: {}\n\n";

function followed() {
  const time = new FakeTime();
  const lines: ReadableStreamDefaultController<Uint8Array>[] = [];
  const told: string[] = [];
  const fake = (): Promise<Response> => {
    const body = new ReadableStream<Uint8Array>({
      start: (line) => {
        lines.push(line);
      },
    });
    return Promise.resolve(new Response(body));
  };
  const client = new GatewayClient({ fetch: fake as typeof fetch, url: "", after: time.after });
  const stop = followSales(client, {
    onSale: ({ id, state }: Sale) => told.push(`${id} ${state}`),
    onUp: () => told.push("up"),
    onDown: () => told.push("down"),
  });
  const send = async (text: string): Promise<void> => {
    lines.at(-1)?.enqueue(new TextEncoder().encode(text));
    await turns();
  };
  return { time, lines, told, stop, send };
}

/** Lets everything run that is due without time. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}

describe("a stream of sales", () => {
  it("tells each sale, in whatever pieces it comes", async () => {
    const { told, send, stop } = followed();
    await turns();
    await send(BEAT);
    await send('event: sale\nid: 2\ndata: {"id":"one",');
    await send('"state":"paid"}\n\n');
    expect(told).toEqual(["up", "one paid"]);
    stop();
  });

  it("is lost where it is silent for longer than two beats, and found again", async () => {
    const { told, send, stop, time, lines } = followed();
    await turns();
    await send(BEAT);
    time.pass(BEAT_DEADLINE_MS - 1);
    await send(BEAT);
    time.pass(BEAT_DEADLINE_MS - 1);
    await turns();
    expect(told).toEqual(["up"]);
    time.pass(1);
    await turns();
    expect(told).toEqual(["up", "down"]);
    time.pass(FOLLOW_PAUSE_MS);
    await turns();
    expect(lines).toHaveLength(2);
    await send(BEAT);
    expect(told).toEqual(["up", "down", "up"]);
    stop();
    await turns();
    expect(told).toEqual(["up", "down", "up"]);
    expect(time.waiting).toBe(0);
  });

  it("is noticed within five seconds: the deadline and a pause are no longer", () => {
    expect(BEAT_DEADLINE_MS).toBeLessThan(5_000);
  });
});

describe("the text of a stream", () => {
  it("has an end: an event without one is refused", () => {
    const text = new EventText();
    expect(text.take(": a comment\n\nevent: x\n\ndata:1\r\ndata: 2\r\n\r\n")).toEqual([
      { type: "message", data: "1\n2" },
    ]);
    expect(() => text.take("x".repeat(MAX_EVENT_LENGTH + 1))).toThrow(RangeError);
  });
});
