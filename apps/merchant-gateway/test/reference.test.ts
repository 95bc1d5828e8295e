import "reflect-metadata";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  type ApiDocument,
  assertCommitted,
  type CallExample,
  callsOf,
  exampleFault,
  rewriteCommitted,
} from "@tallystick/program/testing";
import { projectRoot } from "@tallystick/stack";
import { problems, type ProblemCode } from "../src/http/problem.ts";
import { startSettlement } from "./harness/http-settlement.ts";
import { hashPin } from "../src/doors/pins.ts";
import { createTestApp, type TestApp } from "./harness/test-app.ts";
import { servedDomain, TestTerminal } from "./harness/test-terminal.ts";

const reference = {
  documentFile: join(projectRoot(), "docs/reference/openapi/gateway.json"),
  pageFile: join(projectRoot(), "docs/reference/gateway.md"),
  command: "pnpm --filter @tallystick/merchant-gateway reference",
};

/** The terminal's page and the document itself, and no calls of the API. */
const PAGES = ["GET /*", "GET /customer", "GET /openapi.json"];

/** The framework answers 404 to a method that a path does not have. */
const NEVER_ANSWERED: readonly ProblemCode[] = ["METHOD_NOT_ALLOWED"];

/** How commands end that no call runs, and what is recorded with a refund instead of being answered. */
const NOT_OF_CALLS: readonly ProblemCode[] = [
  "ALREADY_PAID",
  "NOT_PAID_YET",
  "REFUND_REFUSED",
  "VOUCHER_UNKNOWN",
  "CLAIM_WAITING",
];

describe("the reference of the API", () => {
  let settlement: Awaited<ReturnType<typeof startSettlement>>;
  let secrets: string;
  let terminal: TestTerminal;
  let server: TestApp;
  let document: ApiDocument;
  const examples = new Map<string, CallExample>();

  beforeAll(async () => {
    settlement = await startSettlement();
    secrets = mkdtempSync(join(tmpdir(), "tallystick-reference-"));
    const secretFile = join(secrets, "stock.secret");
    writeFileSync(secretFile, `whsec_${Buffer.alloc(24).toString("base64")}`, { mode: 0o600 });
    // An address that no message goes to, so that none leaves the test.
    const stock = { name: "stock", url: "https://127.0.0.1:1/hook", secretFile, events: null, isPrivate: false };
    const domains = [await servedDomain({ settlementUrl: settlement.url })];
    terminal = await TestTerminal.make({ domains, webhooks: [stock] });
    terminal.reader.card = await terminal.card();
    server = await createTestApp(terminal.gateway);
    document = (await call("GET", "/openapi.json")).body as unknown as ApiDocument;
    await makeExamples();
  });
  afterAll(async () => {
    await server.close();
    terminal.remove();
    rmSync(secrets, { recursive: true });
    await settlement.stop();
  });

  async function call(method: string, url: string, body?: unknown) {
    const headers = { host: "127.0.0.1", ...(body === undefined ? {} : { "content-type": "application/json" }) };
    const sent = body === undefined ? {} : { payload: JSON.stringify(body) };
    const answer = await server.app.inject({ method: method as "GET", url, headers, ...sent });
    return { status: answer.statusCode, body: JSON.parse(answer.payload) as Record<string, unknown> };
  }

  /** Makes a call and keeps it as the example. */
  async function example(name: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const [method = ""] = name.split(" ");
    const answer = await call(method, path, body);
    expect([name, answer.status]).toEqual([name, 200]);
    examples.set(name, { path, ...(body === undefined ? {} : { body }), answer: answer.body });
    return answer.body;
  }

  /** What a terminal of the payee sold that is no more. */
  function keepOthersPayment(): void {
    const { journal, config } = terminal.gateway;
    const [served] = config.domains;
    if (served === undefined) throw new Error("the terminal serves no domain");
    const bytes = (length: number, byte: number) => new Uint8Array(length).fill(byte);
    journal.write(() => {
      journal.otherVouchers.keep(
        {
          ...{ voucherId: bytes(32, 0x3c), domainBytes: served.domainBytes, terminalId: bytes(8, 0x0d) },
          ...{ card: `0x${"0c".repeat(20)}`, counter: 7, amount: 2_500_000n, soldAt: terminal.now - 60 },
          ...{ receivedAt: terminal.now - 30, state: "final", code: null, tx: `0x${"7f".repeat(32)}` },
        },
        terminal.now,
      );
    });
  }

  async function makeExamples(): Promise<void> {
    // The exchange of the start begins beside the first of these and has ended before the second: it
    // takes no payment of the examples.
    for (let time = 0; time < 2; time += 1) await call("POST", "/v1/sync", {});
    const { id: paid } = await example("POST /v1/taps", "/v1/taps", { amount: "2.50", saleId: "2026-0001" });
    const refund = { refundId: "refund-1", amount: "2.50" };
    await example("POST /v1/taps/{id}/refund", `/v1/taps/${String(paid)}/refund`, refund);
    await example("GET /v1/taps/{id}", `/v1/taps/${String(paid)}`);
    const { body: other } = await call("POST", "/v1/taps", { amount: "1.00", saleId: "2026-0002" });
    await example("POST /v1/taps/{id}/cancel", `/v1/taps/${String(other["id"])}/cancel`, {});
    await call("POST", "/v1/taps", { amount: "4.20", saleId: "2026-0003" });
    await makeSales();
    await example("POST /v1/sync", "/v1/sync", {});
    await example("GET /v1/taps", "/v1/taps");
    await example("GET /v1/reports/x", "/v1/reports/x?by=ann");
    await example("POST /v1/reports/z", "/v1/reports/z", { by: "ann", number: 1 });
    await example("GET /v1/reports", "/v1/reports");
    await example("GET /v1/reports/{n}", "/v1/reports/1");
    for (const name of ["GET /v1/reports/{n}.csv", "GET /v1/reports/x.csv"]) {
      const path = name.slice(4).replace("{n}", "1");
      const answer = await server.app.inject({ method: "GET", url: path, headers: { host: "127.0.0.1" } });
      examples.set(name, { path, answer: answer.payload });
    }
    terminal.reader.card = await terminal.card("dee");
    await example("GET /v1/balance", "/v1/balance?waitSeconds=0");
    await example("POST /v1/balance", "/v1/balance", { pin: "2580", waitSeconds: 0 });
    terminal.gateway.webhooks.gather();
    await example("GET /v1/webhooks", "/v1/webhooks");
    await example("GET /v1/webhooks/deliveries", "/v1/webhooks/deliveries?endpoint=stock");
    await example("GET /v1/webhooks/deliveries/{id}", "/v1/webhooks/deliveries/1");
    await example("POST /v1/webhooks/deliveries/{id}/redeliver", "/v1/webhooks/deliveries/1/redeliver", {});
    await example("POST /v1/webhooks/{name}/enable", "/v1/webhooks/stock/enable", {});
    terminal.takeLiveAnswer();
    await example("POST /v1/payee/confirmation", "/v1/payee/confirmation", { currency: "USDC" });
    await example("GET /v1/payee", "/v1/payee");
    keepOthersPayment();
    await example("GET /v1/payee/payments", "/v1/payee/payments");
    await example("GET /v1/money", "/v1/money");
    await example("POST /v1/money/withdraw", "/v1/money/withdraw", { currency: "USDC" });
    await terminal.gateway.engine.rest();
    await example("GET /v1/readiness", "/v1/readiness");
    await example("GET /livez", "/livez");
    await example("GET /v1/lanes", "/v1/lanes");
    await example("PUT /v1/lanes/{name}", "/v1/lanes/1", { reader: "Test reader" });
    await makeDoors();
  }

  async function makeDoors(): Promise<void> {
    const { journal, doors } = terminal.gateway;
    const pin = await hashPin("2580");
    journal.write(() => {
      journal.people.add({ name: "Olga", role: "owner", pin }, terminal.now);
    });
    await example("POST /v1/session", "/v1/session", { name: "Olga", pin: "2580" });
    await example("GET /v1/session", "/v1/session");
    const { code } = doors.pairing.offer();
    const { device } = await example("POST /v1/pairing", "/v1/pairing", { code, name: "Bar tablet" });
    await example("GET /v1/devices", "/v1/devices");
    const { id } = device as { readonly id: string };
    await example("DELETE /v1/devices/{id}", `/v1/devices/${id}`);
    await example("DELETE /v1/session", "/v1/session");
  }

  async function makeSales(): Promise<void> {
    const { sales } = terminal.gateway;
    // A wait for a card that no card ends: each attempt is stopped by the next call.
    terminal.reader.card = null;
    const sale = { amount: "2.50", cashier: "ann", reference: "R-17", metadata: { table: "7" }, waitSeconds: 30 };
    await example("PUT /v1/sales/{id}", "/v1/sales/2026-0004", sale);
    await example("POST /v1/sales/{id}/cancel", "/v1/sales/2026-0004/cancel", {});
    terminal.reader.card = await terminal.card("bo");
    await example("POST /v1/sales/{id}/attempts", "/v1/sales/2026-0004/attempts", { waitSeconds: 30 });
    await sales.settled();
    await example("GET /v1/sales/{id}", "/v1/sales/2026-0004");
    const refund = { refundId: "refund-1", amount: "2.50" };
    await example("POST /v1/sales/{id}/refunds", "/v1/sales/2026-0004/refunds", refund);
    terminal.reader.card = await terminal.card("cyd");
    await call("PUT", "/v1/sales/2026-0005", { amount: "1.10" });
    await sales.settled();
    await example("POST /v1/sales/{id}/reversal", "/v1/sales/2026-0005/reversal", {});
    await example("GET /v1/sales", "/v1/sales");
    examples.set("GET /v1/events", { path: "/v1/events", answer: await firstEvents() });
  }

  /** What a stream begins with. */
  async function firstEvents(): Promise<string> {
    await server.app.listen(0, "127.0.0.1");
    const { port } = server.app.getHttpServer().address() as { readonly port: number };
    const stop = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}/v1/events`, { signal: stop.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("data: {}\n\n")) text += (await reader?.read())?.value ?? "";
    stop.abort();
    return text;
  }

  it("describes every route, and none besides", () => {
    const described = callsOf(document).map(({ name }) => name);
    expect([...server.routes].filter((route) => !PAGES.includes(route)).sort()).toEqual([...described].sort());
    expect(new Set(callsOf(document).map(({ operationId }) => operationId)).size).toBe(described.length);
  });

  it("names every code of the table at some call, but for those that no call answers", () => {
    const named = new Set(callsOf(document).flatMap((each) => [...each.problems.values()].flat()));
    expect(problems.codes.filter((code) => !named.has(code)).sort()).toEqual(
      [...NEVER_ANSWERED, ...NOT_OF_CALLS].sort(),
    );
  });

  it("answers a method that a path does not have like a path that is none", async () => {
    expect(await call("DELETE", "/v1/taps")).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
  });

  it("has a schema that fits a real request and its answer at every call", () => {
    for (const each of callsOf(document)) {
      const made = examples.get(each.name);
      expect([each.name, made === undefined ? "was not called" : exampleFault(each, made)]).toEqual([each.name, null]);
    }
  });

  it("is committed as the terminal serves it, with an example of every call", () => {
    if (process.env["REWRITE_REFERENCE"] === "1") rewriteCommitted(reference, document, examples);
    assertCommitted(reference, document);
  });
});
