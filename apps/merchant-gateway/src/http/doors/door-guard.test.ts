import "reflect-metadata";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createTestApp, type TestApp } from "../../../test/harness/test-app.ts";
import { TestTerminal } from "../../../test/harness/test-terminal.ts";
import { DoorGuard, type GuardedRequest } from "./door-guard.ts";

const TOKEN = "a-token-of-the-cash-register";
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

describe("a terminal that other machines reach", () => {
  let terminal: TestTerminal;
  let server: TestApp;

  beforeEach(async () => {
    const listen = { host: "0.0.0.0", port: 0, hosts: ["terminal.merchant.example"], proxies: [] };
    terminal = await TestTerminal.make({ listen, tokens: [TOKEN] });
    server = await createTestApp(terminal.gateway);
  });
  afterEach(async () => {
    await server.close();
    terminal.remove();
  });

  async function call(method: "GET" | "POST", url: string, headers: Record<string, string>) {
    const answer = await server.app.inject({ method, url, headers: { host: "127.0.0.1", ...headers } });
    const isProblem = String(answer.headers["content-type"]).includes("problem");
    const { code = null } = isProblem ? (JSON.parse(answer.payload) as { readonly code?: string }) : {};
    return { status: answer.statusCode, code, headers: answer.headers };
  }

  it.each([
    ["POST", "/v1/taps"],
    ["POST", "/v1/taps/1/refund"],
    ["POST", "/v1/taps/1/cancel"],
    ["POST", "/v1/sync"],
    ["GET", "/v1/taps"],
    ["GET", "/v1/readiness"],
    ["GET", "/openapi.json"],
    ["GET", "/"],
    ["GET", "/terminal.js"],
  ] as const)("answers %s %s to its token and its names alone", async (method, url) => {
    const rebound = { host: "evil.example", origin: "http://evil.example", authorization: `Bearer ${TOKEN}` };
    expect(await call(method, url, rebound)).toMatchObject({ status: 421, code: "MISDIRECTED_HOST" });
    const foreign = { origin: "http://evil.example", authorization: basic(`x:${TOKEN}`) };
    expect(await call(method, url, foreign)).toMatchObject({ status: 403, code: "FOREIGN_ORIGIN" });
    const none = await call(method, url, {});
    expect(none).toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
    expect(none.headers["www-authenticate"]).toMatch(/^Basic /);
    expect((await call(method, url, { authorization: `Bearer ${TOKEN}x` })).code).toBe("UNAUTHENTICATED");
  });

  it("serves a name that was given to it, by a token or by the same as a password", async () => {
    for (const authorization of [`Bearer ${TOKEN}`, basic(`cashier:${TOKEN}`)]) {
      const host = "terminal.merchant.example";
      expect((await call("GET", "/v1/readiness", { host, authorization })).status).toBe(200);
    }
  });

  it("answers 429 with a time after too many wrong tokens", async () => {
    let last = await call("GET", "/v1/readiness", { authorization: "Bearer wrong" });
    for (let time = 0; time < 20; time += 1)
      last = await call("GET", "/v1/readiness", { authorization: `Bearer wrong-${time}` });
    expect(last).toMatchObject({ status: 429, code: "WRONG_TOKENS" });
    expect(Number(last.headers["retry-after"])).toBeGreaterThan(0);
  });
});

describe("a terminal behind a proxy", () => {
  const listen = { host: "0.0.0.0", port: 0, hosts: [], proxies: ["10.0.0.1"] };
  const nobody = { deviceOf: () => null };
  const parts = { pairing: nobody, warn: () => undefined, now: () => 0 };
  const guard = new DoorGuard({ listen, tokens: [], pairing: false }, parts);
  const from = (remoteAddress: string): GuardedRequest => ({
    method: "GET",
    headers: { host: "localhost" },
    raw: { socket: { remoteAddress, localAddress: "10.0.0.2" } },
  });

  it("answers it alone", () => {
    expect(guard.faultOf(from("::ffff:10.0.0.1"))).toBeNull();
    expect(guard.faultOf(from("10.0.0.3"))?.code).toBe("NOT_THROUGH_PROXY");
  });
});
