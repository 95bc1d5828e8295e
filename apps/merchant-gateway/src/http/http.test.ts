import "reflect-metadata";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { MAX_LISTED_TAPS } from "../limits.ts";
import { DAY, TestTerminal } from "../../test/harness/test-terminal.ts";
import type { TestCard } from "../../test/harness/test-card.ts";
import { createTestApp, type TestApp } from "../../test/harness/test-app.ts";

let terminal: TestTerminal;
let card: TestCard;
let server: TestApp;
let app: NestFastifyApplication;

beforeEach(async () => {
  terminal = await TestTerminal.make();
  card = await terminal.card();
  terminal.reader.card = card;
  server = await createTestApp(terminal.gateway);
  app = server.app;
});

afterEach(async () => {
  await server.close();
  terminal.remove();
});

async function call(method: "GET" | "POST", url: string, payload?: unknown, headers: Record<string, string> = {}) {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  const response = await app.inject({
    method,
    url,
    headers: {
      host: "127.0.0.1:8300",
      ...(payload === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload: body }),
  });
  const type = String(response.headers["content-type"]);
  return {
    status: response.statusCode,
    type,
    body: type.includes("json") ? (JSON.parse(response.payload) as Record<string, unknown>) : {},
    text: response.payload,
  };
}

describe("POST /v1/taps", () => {
  it("answers the documented form", async () => {
    const { status, body } = await call("POST", "/v1/taps", { amount: "2.50" });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      saleId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      outcome: "accepted",
      code: null,
      message: "Paid.",
      amount: "2.50",
      currency: "USDC",
      voucherId: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      counter: 1,
      card: expect.stringMatching(/^0x[0-9a-f]{40}$/),
      sw: "9000",
      apdus: 2,
      spentBefore: "0.00",
      spentAfter: "2.50",
      left: "497.50",
      payable: null,
      time: terminal.now,
      saleOpen: false,
      update: null,
      resolved: [],
    });
    const again = await call("GET", `/v1/taps/${String(body["id"])}`);
    expect(again.body).toMatchObject({ id: body["id"], voucher: { delivery: "unsent", state: null } });
    const list = await call("GET", "/v1/taps");
    expect(list.body["taps"]).toHaveLength(1);
  });

  it("says what is left on a card that refused, and how much of it can be paid here at once", async () => {
    const paid = async (name: string, maxSpent: bigint, amount: string, perTap = 50_000_000n) => {
      terminal.reader.card = await terminal.card(name, { maxSpent, softSpent: maxSpent, perTap });
      return (await call("POST", "/v1/taps", { amount })).body;
    };
    expect(await paid("bo", 1_250_000n, "2.50")).toMatchObject({
      ...{ code: "CARD_SPENDING_CAP", left: "1.25", payable: "1.25" },
    });
    expect(await paid("bo", 1_250_000n, "1.25")).toMatchObject({ outcome: "accepted", left: "0.00", payable: null });
    expect(await paid("cyd", 9_000_000n, "5.00", 4_000_000n)).toMatchObject({
      ...{ code: "CARD_PER_TAP", left: "9.00", payable: "4.00" },
    });
    expect(await paid("dee", 0n, "1.00")).toMatchObject({ code: "CARD_SPENDING_CAP", left: "0.00", payable: null });
    terminal.reader.card = null;
    expect((await call("POST", "/v1/taps", { amount: "2.50" })).body).toMatchObject({ left: null, payable: null });
  });

  it("lists payments a page at a time, each once, newest first", async () => {
    const { journal } = terminal.gateway;
    const [served] = terminal.config.domains;
    const { domainBytes } = served ?? { domainBytes: new Uint8Array(28) };
    const made = { domainBytes, amount: 1n, cardKey: null, code: "CARD_ABSENT", sw: null, apdus: 0, spentBefore: null };
    journal.write(() => {
      // Several in one second, as a busy terminal has them.
      for (let count = 0; count < 2 * MAX_LISTED_TAPS + 1; count += 1)
        journal.taps.refuse({
          ...made,
          id: `t-${count}`,
          saleId: `s-${count}`,
          lane: "1",
          now: terminal.now + Math.floor(count / 7),
        });
    });
    const seen: string[] = [];
    const sizes: number[] = [];
    let next: unknown = null;
    do {
      const { body } = await call("GET", next === null ? "/v1/taps" : `/v1/taps?before=${String(next)}`);
      const taps = body["taps"] as readonly { readonly id: string }[];
      seen.push(...taps.map(({ id }) => id));
      sizes.push(taps.length);
      next = body["next"];
    } while (next !== null);
    expect(sizes).toEqual([MAX_LISTED_TAPS, MAX_LISTED_TAPS, 1]);
    expect(seen).toEqual(
      Array.from({ length: 2 * MAX_LISTED_TAPS + 1 }, (_, index) => `t-${2 * MAX_LISTED_TAPS - index}`),
    );
    expect(await call("GET", "/v1/taps?before=nothing")).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    expect(await call("GET", "/v1/taps?after=t-1")).toMatchObject({ status: 400, body: { code: "MALFORMED_REQUEST" } });
  });

  it("reports a torn tap, and then one payment", async () => {
    card.tear = "after";
    expect((await call("POST", "/v1/taps", { amount: "2.50" })).body).toMatchObject({
      outcome: "unresolved",
      code: "TAP_TORN",
      voucherId: null,
      saleOpen: true,
    });
    expect((await call("GET", "/v1/readiness")).body).toMatchObject({
      ready: true,
      openSale: { amount: "2.50" },
      warnings: [{ code: "TAP_UNRESOLVED" }],
    });
    expect((await call("POST", "/v1/taps", { amount: "2.5" })).body).toMatchObject({
      outcome: "accepted",
      counter: 1,
      spentAfter: "2.50",
    });
    expect(card.spent).toBe(2_500_000n);
  });

  it.each<[unknown, string]>([
    [{}, "MALFORMED_REQUEST"],
    [[], "MALFORMED_REQUEST"],
    ["", "MALFORMED_REQUEST"],
    ["{", "MALFORMED_REQUEST"],
    ["null", "MALFORMED_REQUEST"],
    [{ amount: 2.5 }, "MALFORMED_REQUEST"],
    [{ amount: null }, "MALFORMED_REQUEST"],
    [{ amount: "" }, "MALFORMED_REQUEST"],
    [{ amount: "-1" }, "MALFORMED_REQUEST"],
    [{ amount: "1e3" }, "MALFORMED_REQUEST"],
    [{ amount: "9".repeat(35) }, "MALFORMED_REQUEST"],
    [{ amount: "2.50", tip: "1" }, "MALFORMED_REQUEST"],
    [{ amount: "2.50", saleId: "" }, "MALFORMED_REQUEST"],
    [{ amount: "2.50", saleId: "a b" }, "MALFORMED_REQUEST"],
    [{ amount: "2.50", saleId: "x".repeat(65) }, "MALFORMED_REQUEST"],
    [{ amount: "2.50", pin: "123" }, "MALFORMED_REQUEST"],
    [{ amount: "2.50", pin: "12x4" }, "MALFORMED_REQUEST"],
    [{ amount: "2.50", pin: 1234 }, "MALFORMED_REQUEST"],
    [{ amount: "2.50", waitSeconds: 61 }, "MALFORMED_REQUEST"],
    [{ amount: "2.50", waitSeconds: -1 }, "MALFORMED_REQUEST"],
    [{ amount: "0" }, "AMOUNT_REFUSED"],
    [{ amount: "0.0000001" }, "AMOUNT_REFUSED"],
    [{ amount: "281474976.710656" }, "AMOUNT_REFUSED"],
    [{ amount: "2.50", currency: "EURC" }, "CURRENCY_NOT_SERVED"],
  ])("answers %p with 400 %s", async (payload, code) => {
    const { status, type, body } = await call("POST", "/v1/taps", payload);
    expect({ status, code: body["code"] }).toEqual({ status: 400, code });
    expect(type).toBe("application/problem+json; charset=utf-8");
    expect(body).toMatchObject({
      status,
      title: expect.any(String),
      detail: expect.any(String),
      type: expect.stringMatching(/^urn:tallystick:problem:/),
    });
    expect(card.received).toEqual([]);
  });

  it("reverses a paid tap, once", async () => {
    const { body } = await call("POST", "/v1/taps", { amount: "2.50" });
    const id = String(body["id"]);
    for (let time = 0; time < 2; time += 1) {
      const answer = await call("POST", `/v1/taps/${id}/cancel`, {});
      expect(answer).toMatchObject({ status: 200, body: { id, voucher: { reversed: true, delivery: "unsent" } } });
    }
    expect(await call("POST", "/v1/taps/nothing/cancel", {})).toMatchObject({
      status: 404,
      body: { code: "TAP_UNKNOWN" },
    });
    expect(await call("POST", `/v1/taps/${id}/cancel`, { why: 1 })).toMatchObject({
      status: 400,
      body: { code: "MALFORMED_REQUEST" },
    });
  });

  it("answers 409 while another tap runs, and for a sale of another amount", async () => {
    terminal.reader.card = null;
    const gone = new AbortController();
    const waiting = terminal.tap(1n, { waitMs: 60_000, signal: gone.signal });
    expect(await call("POST", "/v1/taps", { amount: "1" })).toMatchObject({
      status: 409,
      body: { code: "TAP_IN_PROGRESS" },
    });
    gone.abort();
    await waiting;
    terminal.reader.card = card;
    await call("POST", "/v1/taps", { amount: "1", saleId: "s" });
    expect(await call("POST", "/v1/taps", { amount: "2", saleId: "s" })).toMatchObject({
      status: 409,
      body: { code: "SALE_AMOUNT_DIFFERS" },
    });
  });
});

describe("requests that are not the terminal's", () => {
  it.each<[string, Parameters<typeof call>, number, string]>([
    [
      "another name for this machine",
      ["GET", "/v1/readiness", undefined, { host: "merchant.example" }],
      421,
      "MISDIRECTED_HOST",
    ],
    [
      "another web page",
      ["POST", "/v1/taps", { amount: "1" }, { origin: "https://merchant.example" }],
      403,
      "FOREIGN_ORIGIN",
    ],
    [
      "a form",
      ["POST", "/v1/taps", "amount=1", { "content-type": "application/x-www-form-urlencoded" }],
      415,
      "UNSUPPORTED_MEDIA",
    ],
    ["plain text", ["POST", "/v1/taps", '{"amount":"1"}', { "content-type": "text/plain" }], 415, "UNSUPPORTED_MEDIA"],
    ["an unknown path", ["GET", "/v1/secrets"], 404, "NOT_FOUND"],
    ["a path out of the page's folder", ["GET", "/../package.json"], 404, "NOT_FOUND"],
    ["an unknown tap", ["GET", "/v1/taps/nothing"], 404, "NOT_FOUND"],
    ["too long a body", ["POST", "/v1/taps", { amount: "1", saleId: "x".repeat(20_000) }], 413, "BODY_TOO_LARGE"],
    ["sync without settlement", ["POST", "/v1/sync", {}], 409, "NO_SETTLEMENT"],
    ["sync with another value", ["POST", "/v1/sync?again=perhaps", {}], 400, "MALFORMED_REQUEST"],
    ["sync with a body of its own", ["POST", "/v1/sync", { all: true }], 400, "MALFORMED_REQUEST"],
  ])("%s", async (_, request, status, code) => {
    expect(await call(...request)).toMatchObject({ status, body: { code } });
    expect(card.received).toEqual([]);
  });

  it("lets the terminal's own page in, by each name of this machine", async () => {
    for (const host of ["127.0.0.1:8300", "localhost:8300", "[::1]:8300"])
      expect((await call("GET", "/v1/readiness", undefined, { host, origin: `http://${host}` })).status).toBe(200);
  });

  it("never has its page's calls sent to https, whatever name it has", async () => {
    const { headers } = await app.inject({ url: "/", headers: { host: "127.0.0.1" } });
    expect(headers["content-security-policy"]).not.toContain("upgrade-insecure-requests");
    expect(headers["strict-transport-security"]).toBeUndefined();
  });
});

describe("GET /v1/readiness", () => {
  it("is ready where all is well", async () => {
    await call("POST", "/v1/taps", { amount: "2.50" });
    await terminal.gateway.engine.rest();
    terminal.now += 30;
    expect((await call("GET", "/v1/readiness")).body).toMatchObject({
      ready: true,
      reasons: [],
      warnings: [],
      currency: "USDC",
      clock: { now: terminal.now, confirmed: true, confirmedBy: "battery" },
      statusList: { seq: 1, ageSeconds: 90 },
      unsent: { count: 1, sum: "2.50", oldestSeconds: 30 },
      limits: { perTap: "100.00", unsentSum: "1000.00", unsentCount: 500 },
      reader: { name: "Test reader", state: "card", code: null },
      openSale: null,
      lastExchange: null,
    });
  });

  it("names every reason at once, without network, reader, list and certificate", async () => {
    const bare = await TestTerminal.make(
      { batteryBacked: false, domains: terminal.config.domains.map((served) => ({ ...served, certificate: null })) },
      { list: false },
    );
    bare.reader.fault = "NO_SERVICE";
    const other = await createTestApp(bare.gateway);
    const { payload } = await other.app.inject({ url: "/v1/readiness", headers: { host: "localhost" } });
    const { ready, reasons, statusList } = JSON.parse(payload) as {
      ready: boolean;
      reasons: { code: string; message: string }[];
      statusList: unknown;
    };
    expect({ ready, statusList, codes: reasons.map(({ code }) => code) }).toEqual({
      ready: false,
      statusList: null,
      codes: ["CLOCK_UNCONFIRMED", "CERTIFICATE_MISSING", "NO_SERVICE"],
    });
    expect(reasons.every(({ message }) => message.endsWith("."))).toBe(true);
    await other.close();
    bare.remove();
  });

  it("says that list and unsent vouchers are too old", async () => {
    await call("POST", "/v1/taps", { amount: "2.50" });
    terminal.now += 7 * DAY;
    const { body } = await call("GET", "/v1/readiness");
    expect((body["reasons"] as { code: string }[]).map(({ code }) => code)).toEqual([
      "STATUS_LIST_TOO_OLD",
      "TERMINAL_UNSENT_AGE",
    ]);
  });
});

describe("a terminal that cannot keep what it takes", () => {
  it("says so with 503 and its whole state, since when, and is ready again by itself", async () => {
    const { disk } = terminal.gateway;
    const well = await call("GET", "/v1/readiness");
    expect([well.status, well.type]).toEqual([200, expect.stringContaining("application/json")]);
    disk.fault = { code: "JOURNAL_NOT_WRITABLE", message: "The disk of this terminal is full." };
    const since = terminal.now;
    for (const passed of [0, 60]) {
      terminal.now = since + passed;
      const full = await call("GET", "/v1/readiness");
      expect(full).toMatchObject({ status: 503, type: expect.stringContaining("application/problem+json") });
      expect(full.body).toMatchObject({
        ...{ code: "NOT_READY", ready: false, currency: "USDC" },
        reasons: [{ code: "JOURNAL_NOT_WRITABLE", since }],
      });
    }
    expect(await call("GET", "/livez")).toMatchObject({ status: 200, body: { live: true } });
    disk.fault = { code: "DISK_LOW", message: "The disk of this terminal has 3 MB left." };
    const low = await call("GET", "/v1/readiness");
    expect(low).toMatchObject({ status: 200, body: { ready: true, warnings: [{ code: "DISK_LOW" }] } });
    disk.fault = null;
    expect((await call("GET", "/v1/readiness")).body).toMatchObject({ ready: true, reasons: [] });
  });
});

describe("POST /v1/taps/:id/refund", () => {
  const paid = async (): Promise<string> => String((await call("POST", "/v1/taps", { amount: "2.50" })).body["id"]);
  const codeOf = async (id: string, body: unknown) => {
    const { status, body: problem } = await call("POST", `/v1/taps/${id}/refund`, body);
    return [status, problem["code"]];
  };

  it("reverses what was not sent yet, and answers the same again", async () => {
    const id = await paid();
    const first = await call("POST", `/v1/taps/${id}/refund`, { refundId: "r1" });
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      refundId: "r1",
      tapId: id,
      queued: true,
      receipt: expect.any(String),
      state: "reversed",
      amount: "2.50",
      currency: "USDC",
      card: expect.stringMatching(/^0x[0-9a-f]{40}$/),
      voucherId: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      tx: null,
      block: null,
      code: null,
      message: expect.any(String),
      time: terminal.now,
    });
    expect((await call("POST", `/v1/taps/${id}/refund`, { refundId: "r1", amount: "2.50" })).body).toEqual(first.body);
    expect((await call("GET", `/v1/taps/${id}`)).body).toMatchObject({
      voucher: { reversed: true },
      refunds: [{ refundId: "r1", state: "reversed" }],
    });
  });

  it("refuses what cannot be meant, and writes nothing", async () => {
    const id = await paid();
    expect(await codeOf(id, { refundId: "r1", amount: "2.51" })).toEqual([409, "REFUND_ABOVE_PAYMENT"]);
    expect(await codeOf(id, { refundId: "r1", amount: "1.00" })).toEqual([409, "REFUND_WHOLE_ONLY"]);
    expect(await codeOf(id, { refundId: "r1", amount: "0.00" })).toEqual([400, "AMOUNT_REFUSED"]);
    expect(await codeOf(id, { refundId: "r1", amount: "1.0000001" })).toEqual([400, "AMOUNT_REFUSED"]);
    expect(await codeOf(id, { refundId: "r/1" })).toEqual([400, "MALFORMED_REQUEST"]);
    expect(await codeOf(id, {})).toEqual([400, "MALFORMED_REQUEST"]);
    expect(await codeOf("nothing", { refundId: "r1" })).toEqual([404, "TAP_UNKNOWN"]);
    expect((await call("GET", `/v1/taps/${id}`)).body).toMatchObject({ voucher: { reversed: false }, refunds: [] });
  });

  it("says what to configure for a payment that was sent", async () => {
    const id = await paid();
    const { journal } = terminal.gateway;
    const voucher = journal.vouchers.ofTap(id);
    if (voucher === null) throw new Error("the tap has no voucher");
    journal.write(() => {
      journal.vouchers.pack([voucher.id], 1);
    });
    const { status, body } = await call("POST", `/v1/taps/${id}/refund`, { refundId: "r1" });
    expect([status, body["code"]]).toEqual([409, "CHAIN_NOT_CONFIGURED"]);
    expect(body["detail"]).toContain('"claim"');
  });

  it("has nothing to return where nothing was paid", async () => {
    terminal.reader.card = null;
    const refused = await call("POST", "/v1/taps", { amount: "2.50" });
    expect(await codeOf(String(refused.body["id"]), { refundId: "r1" })).toEqual([409, "TAP_NOT_OPEN"]);
  });
});

describe("the page and the description", () => {
  it.each([
    ["/", "text/html; charset=utf-8"],
    ["/customer", "text/html; charset=utf-8"],
    ["/terminal.css", "text/css; charset=utf-8"],
    ["/terminal.js", "application/javascript; charset=utf-8"],
    ["/service-worker.js", "application/javascript; charset=utf-8"],
    ["/manifest.webmanifest", "application/manifest+json"],
    ["/icon.svg", "image/svg+xml"],
  ])("serves %s with a strict policy", async (url, type) => {
    const response = await app.inject({ url, headers: { host: "localhost" } });
    expect(response.statusCode).toBe(200);
    expect(String(response.headers["content-type"]).replace("text/javascript", "application/javascript")).toBe(type);
    expect(response.headers["content-security-policy"]).toContain("script-src 'self'");
    expect(response.headers["cache-control"]).toBe("no-cache");
    // The one address in it is the name of SVG.
    expect(response.payload.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/innerHTML|https?:\/\//);
  });

  it("serves its description with the schemas that validate requests", async () => {
    const served = await call("GET", "/openapi.json");
    expect(served.body).toHaveProperty(
      ["paths", "/v1/taps", "post", "requestBody", "content", "application/json", "schema", "required"],
      ["amount"],
    );
  });
});
