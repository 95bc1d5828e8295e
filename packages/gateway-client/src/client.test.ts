import { describe, expect, it } from "@jest/globals";
import { GatewayClient } from "./client.ts";
import { isOpenOutcome } from "./problem.ts";
import { FakeTime } from "./testing/fake-time.ts";

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
}

function clientOf(answer: () => Promise<Response>) {
  const asked: Asked[] = [];
  const time = new FakeTime();
  const fake = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    asked.push({ url: String(url), init });
    return await Promise.race([
      answer(),
      new Promise<never>((_, reject) => {
        init.signal?.addEventListener("abort", () => {
          reject(new Error("aborted"));
        });
      }),
    ]);
  };
  const client = new GatewayClient({ fetch: fake as typeof fetch, url: "http://box", after: time.after });
  return { client, asked, time };
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): (() => Promise<Response>) => {
  return () => Promise.resolve(new Response(JSON.stringify(body), { status, headers }));
};

const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => null,
    (error: unknown) => error,
  );

describe("a call", () => {
  it("fills path, query and body in, and answers what came", async () => {
    const { client, asked } = clientOf(json(200, { id: "a b" }));
    const body = { amount: "2.50" };
    expect(await client.call("PUT /v1/sales/{id}", { path: { id: "a b" }, body })).toEqual({ id: "a b" });
    await client.call("GET /v1/sales", { query: { cashier: "ann", from: 1, to: undefined } });
    expect(asked.map(({ url, init }) => [init.method, url, init.body])).toEqual([
      ["PUT", "http://box/v1/sales/a%20b", JSON.stringify(body)],
      ["GET", "http://box/v1/sales?cashier=ann&from=1", undefined],
    ]);
  });

  it("fails with the gateway's code, and says when to come again", async () => {
    const problem = { code: "WRONG_TOKENS", detail: "Wait.", status: 429 };
    const { client } = clientOf(json(429, problem, { "retry-after": "7" }));
    const error = await codeOf(client.call("GET /v1/sales"));
    expect(error).toMatchObject({ code: "WRONG_TOKENS", status: 429, retryAfterSeconds: 7 });
    expect(isOpenOutcome(error)).toBe(false);
  });

  it("takes the state of a terminal that cannot sell as an answer", async () => {
    const { client } = clientOf(json(503, { ready: false, code: "NOT_READY" }));
    expect(await client.call("GET /v1/readiness")).toMatchObject({ ready: false });
  });

  it("leaves open what was done where nothing came, the deadline passed, or something else answered", async () => {
    const hung = clientOf(() => new Promise(() => undefined));
    const waiting = codeOf(hung.client.call("POST /v1/sales/{id}/cancel", { path: { id: "x" }, body: {} }));
    hung.time.pass(20_000);
    const errors = [
      await waiting,
      await codeOf(clientOf(() => Promise.reject(new Error("reset"))).client.call("GET /livez")),
      await codeOf(clientOf(() => Promise.resolve(new Response("<p>", { status: 502 }))).client.call("GET /livez")),
    ];
    expect(errors.map((error) => [(error as { code: string }).code, isOpenOutcome(error)])).toEqual([
      ["NO_ANSWER", true],
      ["NO_ANSWER", true],
      ["NOT_A_GATEWAY", true],
    ]);
    expect(hung.time.waiting).toBe(0);
  });
});
