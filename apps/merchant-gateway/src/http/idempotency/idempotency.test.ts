import "reflect-metadata";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { codeOfRejection } from "../../../test/harness/codes.ts";
import { createTestApp, type TestApp } from "../../../test/harness/test-app.ts";
import type { TestCard } from "../../../test/harness/test-card.ts";
import { TestTerminal } from "../../../test/harness/test-terminal.ts";
import { ANSWER_SECONDS, MAX_ANSWERS } from "../../journal/merchant/limits.ts";
import { IdempotentCalls } from "./idempotent-calls.ts";
import { MAX_KEY_LENGTH } from "./limits.ts";

let terminal: TestTerminal;
let card: TestCard;
let server: TestApp;

beforeEach(async () => {
  terminal = await TestTerminal.make();
  card = await terminal.card();
  terminal.reader.card = card;
  server = await createTestApp(terminal.gateway);
});
afterEach(async () => {
  await server.close();
  terminal.remove();
});

async function post(url: string, key: string, payload: unknown, type = "application/json") {
  const headers = { host: "127.0.0.1:8300", "content-type": type, "idempotency-key": key };
  const response = await server.app.inject({ method: "POST", url, headers, payload: JSON.stringify(payload) });
  return {
    ...{ status: response.statusCode, replayed: response.headers["idempotent-replayed"] ?? null },
    body: JSON.parse(response.payload) as Record<string, unknown>,
  };
}

/** A sale that a card of its own pays. */
async function pay(id: string) {
  terminal.reader.card = await terminal.card(id);
  const headers = { host: "127.0.0.1:8300", "content-type": "application/json" };
  await server.app.inject({ method: "PUT", url: `/v1/sales/${id}`, headers, payload: '{"amount":"2.50"}' });
  await terminal.gateway.sales.settled();
}

describe("a call with a key of its caller", () => {
  it("is carried out once: the same call is answered as before, after a restart too", async () => {
    const body = { amount: "2.50" };
    const first = await post("/v1/taps", "a", body);
    expect(first).toMatchObject({ status: 200, replayed: null, body: { outcome: "accepted", counter: 1 } });
    expect(await post("/v1/taps", "a", body)).toEqual({ ...first, replayed: "true" });
    await terminal.gateway.engine.rest();
    await server.close();
    terminal.restart();
    server = await createTestApp(terminal.gateway);
    expect(await post("/v1/taps", "a", body)).toEqual({ ...first, replayed: "true" });
    expect(card.counter).toBe(1);
    terminal.now += ANSWER_SECONDS;
    // The answer is forgotten; the sale that the key names is not.
    expect(await post("/v1/taps", "a", body)).toMatchObject({ replayed: null, body: { counter: 1 } });
    expect(card.counter).toBe(1);
  });

  it("names one call: another body, path or call with its key is refused and does nothing", async () => {
    await pay("one");
    terminal.reader.card = card;
    await post("/v1/taps", "a", { amount: "1.00" });
    for (const [url, body] of [
      ["/v1/taps", { amount: "1.01" }],
      ["/v1/taps", { amount: "1.00", saleId: "x" }],
      ["/v1/sales/one/reversal", {}],
    ] as const)
      expect(await post(url, "a", body)).toMatchObject({ status: 409, body: { code: "IDEMPOTENCY_KEY_REUSED" } });
    expect(card.counter).toBe(1);
    expect(await post("/v1/taps", "a", { saleId: undefined, amount: "1.00" })).toMatchObject({ replayed: "true" });
  });

  it("pays once where the gateway stopped before it kept its answer", async () => {
    const { journal } = terminal.gateway;
    const { answeredCalls } = journal;
    const keep = answeredCalls.keep.bind(answeredCalls);
    answeredCalls.keep = () => {
      throw new Error("the power fails");
    };
    expect(await post("/v1/taps", "a", { amount: "2.50" })).toMatchObject({ status: 500, body: { code: "INTERNAL" } });
    answeredCalls.keep = keep;
    expect(await post("/v1/taps", "a", { amount: "2.50" })).toMatchObject({ replayed: null, body: { counter: 1 } });
    expect(card.counter).toBe(1);
  });

  it("continues the open sale of a torn tap, though its key is another one", async () => {
    card.tear = "after";
    expect(await post("/v1/taps", "a", { amount: "2.50" })).toMatchObject({ body: { outcome: "unresolved" } });
    expect(await post("/v1/taps", "b", { amount: "2.50" })).toMatchObject({ body: { outcome: "accepted" } });
    expect(card.counter).toBe(1);
  });

  it("is judged anew after a refusal, which did nothing", async () => {
    expect(await post("/v1/taps", "a", { amount: "0.00" })).toMatchObject({ body: { code: "AMOUNT_REFUSED" } });
    expect(await post("/v1/taps", "a", { amount: "2.50" })).toMatchObject({ body: { outcome: "accepted" } });
  });

  it("is refused while the same one is carried out", async () => {
    const calls = new IdempotentCalls(terminal.gateway);
    const named = { key: "a", call: "POST /v1/taps", body: { amount: "2.50" }, device: "here" };
    let end = (_: string): void => undefined;
    const first = calls.once(named, () => new Promise<string>((resolve) => (end = resolve)));
    expect(await codeOfRejection(calls.once(named, () => Promise.resolve("second")))).toBe("IDEMPOTENCY_KEY_IN_USE");
    end("first");
    expect(await first).toEqual({ answer: "first", replayed: false });
    expect(await calls.once(named, () => Promise.resolve("second"))).toEqual({ answer: "first", replayed: true });
    const other = { ...named, device: "tablet" };
    expect(await codeOfRejection(calls.once(other, () => Promise.resolve("x")))).toBe("IDEMPOTENCY_KEY_REUSED");
  });

  it("works at attempts, cancel, reversal and refunds of a sale, and at those of a tap", async () => {
    await pay("one");
    const refund = { refundId: "r", amount: "2.50" };
    for (const [url, body] of [
      ["/v1/sales/one/cancel", {}],
      ["/v1/sales/one/refunds", refund],
    ] as const) {
      const first = await post(url, url, body);
      expect([url, first.status]).toEqual([url, 200]);
      expect(await post(url, url, body)).toEqual({ ...first, replayed: "true" });
    }
    await pay("two");
    const reversed = await post("/v1/sales/two/reversal", "reverse", {});
    expect(reversed).toMatchObject({ status: 200, body: { state: "reversed" } });
    expect(await post("/v1/sales/two/reversal", "reverse", {})).toEqual({ ...reversed, replayed: "true" });
    terminal.reader.card = card;
    const { body } = await post("/v1/taps", "tap", { amount: "1.00" });
    const cancelled = await post(`/v1/taps/${String(body["id"])}/cancel`, "cancel", {});
    expect(cancelled.status).toBe(200);
    expect(await post(`/v1/taps/${String(body["id"])}/cancel`, "cancel", {})).toMatchObject({ replayed: "true" });
  });

  it("begins no second attempt", async () => {
    terminal.reader.card = null;
    const headers = { host: "127.0.0.1:8300", "content-type": "application/json" };
    const payload = '{"amount":"2.50","waitSeconds":0}';
    await server.app.inject({ method: "PUT", url: "/v1/sales/one", headers, payload });
    await terminal.gateway.sales.settled();
    const waiting = await post("/v1/sales/one/attempts", "a", { waitSeconds: 60 });
    expect(waiting).toMatchObject({ status: 200, body: { state: "waiting" } });
    expect(await post("/v1/sales/one/attempts", "a", { waitSeconds: 60 })).toEqual({ ...waiting, replayed: "true" });
    // The PIN is no part of what is compared, and is kept nowhere.
    expect(await post("/v1/sales/one/attempts", "a", { waitSeconds: 60, pin: "1234" })).toMatchObject({
      replayed: "true",
    });
    expect((await post("/v1/sales/one/attempts", "b", {})).body["code"]).toBe("TAP_IN_PROGRESS");
  });
});

describe("a key", () => {
  it("has the documented form", async () => {
    for (const key of ["x".repeat(MAX_KEY_LENGTH + 1), "a b", "\u00e9"])
      expect(await post("/v1/taps", key, { amount: "2.50" })).toMatchObject({
        ...{ status: 400, body: { code: "IDEMPOTENCY_KEY_MALFORMED" } },
      });
    expect(card.counter).toBe(0);
  });

  it("is kept with the newest answers alone", () => {
    const { journal } = terminal.gateway;
    const answered = { fingerprint: new Uint8Array(32), answer: "{}" };
    journal.write(() => {
      for (let count = 0; count < MAX_ANSWERS + 2; count += 1)
        journal.answeredCalls.keep(`k${count}`, answered, terminal.now);
    });
    const found = [0, 1, 2, MAX_ANSWERS + 1].map((count) => journal.answeredCalls.of(`k${count}`, terminal.now));
    expect(found).toEqual([null, null, answered, answered]);
  });
});
