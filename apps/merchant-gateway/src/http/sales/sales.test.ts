import "reflect-metadata";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { MAX_LISTED_TAPS } from "../../limits.ts";
import { MAX_SALE_METADATA, MAX_SALE_STREAMS, MAX_SALE_TEXT_LENGTH } from "./limits.ts";
import { createTestApp, type TestApp } from "../../../test/harness/test-app.ts";
import type { TestCard } from "../../../test/harness/test-card.ts";
import { TestTerminal } from "../../../test/harness/test-terminal.ts";

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

async function call(method: "GET" | "POST" | "PUT", url: string, payload?: unknown, type = "application/json") {
  const response = await server.app.inject({
    ...{ method, url },
    headers: { host: "127.0.0.1:8300", ...(payload === undefined ? {} : { "content-type": type }) },
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
  });
  return { status: response.statusCode, body: JSON.parse(response.payload) as Record<string, unknown> };
}

async function sell(id: string, body: Record<string, unknown> = { amount: "2.50" }) {
  const asked = await call("PUT", `/v1/sales/${id}`, body);
  await terminal.gateway.sales.letGo();
  return asked;
}

describe("/v1/sales", () => {
  it("asks for a sale, reads it, and never charges it again", async () => {
    const body = { amount: "2.50", cashier: "ann", reference: "R-1", metadata: { table: "7" }, waitSeconds: 0 };
    const asked = await sell("one", body);
    expect(asked).toMatchObject({
      status: 200,
      body: { id: "one", state: "waiting", created: true, may: ["cancel"], tap: null },
    });
    const paid = {
      ...{ id: "one", state: "paid", code: null, message: "Paid.", amount: "2.50", currency: "USDC" },
      ...{ cashier: "ann", reference: "R-1", metadata: { table: "7" }, time: terminal.now, paidAt: terminal.now },
      ...{ card: expect.stringMatching(/^0x[0-9a-f]{40}$/), cardLeft: "497.50" },
      ...{ may: ["reverse"], refundable: null, holding: false },
    };
    const read = await call("GET", "/v1/sales/one");
    expect(read).toMatchObject({
      status: 200,
      body: { ...paid, tap: { saleId: "one", outcome: "accepted", counter: 1 } },
    });
    expect((await call("PUT", "/v1/sales/one", body)).body).toEqual({ ...read.body, created: false });
    expect(await call("PUT", "/v1/sales/one", { ...body, amount: "2.51" })).toMatchObject({
      ...{ status: 409, body: { code: "SALE_DIFFERS" } },
    });
    expect(await call("POST", "/v1/sales/one/attempts", {})).toMatchObject({
      status: 409,
      body: { code: "SALE_PAID" },
    });
    expect(await call("POST", "/v1/sales/one/cancel", {})).toMatchObject({ status: 200, body: { state: "paid" } });
    expect(card.counter).toBe(1);
  });

  it("leaves the journal's care until the card is let go", async () => {
    const tidy = jest.spyOn(terminal.gateway.journal, "tidy");
    let during = -1;
    terminal.reader.beforeTransmit = async () => {
      await new Promise(setImmediate);
      during = tidy.mock.calls.length;
    };
    await sell("one");
    expect(during).toBe(0);
    await new Promise(setImmediate);
    expect(tidy).toHaveBeenCalledTimes(1);
    await call("POST", "/v1/sales/one/attempts", {});
    card.tear = "before";
    await sell("two", { amount: "1.00" });
    await new Promise(setImmediate);
    tidy.mockClear();
    during = -1;
    await call("POST", "/v1/sales/two/attempts", {});
    await terminal.gateway.sales.letGo();
    expect(during).toBe(0);
    await new Promise(setImmediate);
    expect(tidy).toHaveBeenCalledTimes(1);
  });

  it("gives a sale back and reverses one by its own id", async () => {
    await sell("one");
    expect(await call("POST", "/v1/sales/one/refunds", { refundId: "r", amount: "2.50" })).toMatchObject({
      ...{ status: 200, body: { refundId: "r", state: "reversed", amount: "2.50" } },
    });
    expect(await call("GET", "/v1/sales/one")).toMatchObject({
      body: { state: "reversed", code: "TAP_CANCELLED", may: [] },
    });
    const bo = await terminal.card("bo");
    bo.tear = "before";
    terminal.reader.card = bo;
    await sell("two", { amount: "1.00" });
    expect(await call("GET", "/v1/sales/two")).toMatchObject({ body: { may: ["attempt", "reverse"], cardLeft: null } });
    expect(await call("POST", "/v1/sales/two/reversal", {})).toMatchObject({
      status: 200,
      body: { state: "reversed" },
    });
    expect(await call("POST", "/v1/sales/none/refunds", { refundId: "r" })).toMatchObject({
      ...{ status: 404, body: { code: "SALE_UNKNOWN" } },
    });
  });

  it("lists sales a page at a time", async () => {
    const { journal } = terminal.gateway;
    const terms = { currency: "USDC", decimals: 6, amount: 1n, reference: null, metadata: {}, lane: "1" };
    journal.write(() => {
      for (let count = 0; count < MAX_LISTED_TAPS + 1; count += 1)
        journal.sales.add({ ...terms, id: `s-${count}`, cashier: count === 7 ? "bo" : "ann" }, terminal.now);
    });
    const first = await call("GET", "/v1/sales?cashier=ann");
    expect(first.body["sales"]).toHaveLength(MAX_LISTED_TAPS);
    expect(first.body["next"]).toBeNull();
    const all = await call("GET", "/v1/sales");
    expect(all.body["next"]).toBe("s-1");
    expect((await call("GET", "/v1/sales?cursor=s-1")).body).toMatchObject({ sales: [{ id: "s-0" }], next: null });
    expect((await call("GET", `/v1/sales?from=${terminal.now + 1}`)).body).toMatchObject({ sales: [] });
    expect(await call("GET", "/v1/sales?cursor=none")).toMatchObject({ status: 404, body: { code: "SALE_UNKNOWN" } });
    for (const query of ["from=x", "to=-1", "after=1", "cashier="])
      expect(await call("GET", `/v1/sales?${query}`)).toMatchObject({
        status: 400,
        body: { code: "MALFORMED_REQUEST" },
      });
  });

  it("refuses what is no sale, and leaves nothing behind", async () => {
    const tooMany = Object.fromEntries(Array.from({ length: MAX_SALE_METADATA + 1 }, (_, index) => [`k${index}`, ""]));
    const bodies: readonly (readonly [Record<string, unknown>, string])[] = [
      [{}, "MALFORMED_REQUEST"],
      [{ amount: "2.50", saleId: "x" }, "MALFORMED_REQUEST"],
      [{ amount: "2.50", pin: "12a4" }, "MALFORMED_REQUEST"],
      [{ amount: "2.50", cashier: "x".repeat(MAX_SALE_TEXT_LENGTH + 1) }, "MALFORMED_REQUEST"],
      [{ amount: "2.50", metadata: tooMany }, "MALFORMED_REQUEST"],
      [{ amount: "0.00" }, "AMOUNT_REFUSED"],
      [{ amount: "2.5", currency: "EURC" }, "CURRENCY_NOT_SERVED"],
    ];
    for (const [body, code] of bodies)
      expect([body, (await call("PUT", "/v1/sales/one", body)).body["code"]]).toEqual([body, code]);
    expect(await call("PUT", "/v1/sales/a%20b", { amount: "1.00" })).toMatchObject({
      body: { code: "MALFORMED_REQUEST" },
    });
    expect(await call("PUT", "/v1/sales/one", { amount: "1.00" }, "text/plain")).toMatchObject({
      ...{ status: 415, body: { code: "UNSUPPORTED_MEDIA" } },
    });
    expect(await call("GET", "/v1/sales/one")).toMatchObject({ status: 404, body: { code: "SALE_UNKNOWN" } });
    expect(card.counter).toBe(0);
  });
});

describe("/v1/events", () => {
  it("tells each state of a sale, and beats", async () => {
    await server.app.listen(0, "127.0.0.1");
    const { port } = server.app.getHttpServer().address() as { readonly port: number };
    const stop = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}/v1/events`, { signal: stop.signal });
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    await sell("one");
    let text = "";
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    while (!text.includes('"paid"')) text += (await reader?.read())?.value ?? "";
    stop.abort();
    expect(text).toContain("event: beat");
    expect([...text.matchAll(/"state":"([a-z-]+)"/g)].map(([, state]) => state)).toEqual([
      ...["waiting", "card-seen", "paying", "paid"],
    ]);
  });

  it("has a limit of streams", async () => {
    for (let count = 0; count < MAX_SALE_STREAMS; count += 1) terminal.gateway.sales.subscribe(() => undefined);
    expect(await call("GET", "/v1/events")).toMatchObject({ status: 503, body: { code: "STREAMS_FULL" } });
  });
});

describe("/v1/lanes", () => {
  it("shows lanes and readers, and gives a lane another reader while the others sell", async () => {
    await server.close();
    terminal.remove();
    const lanes = ["A", "B"].map((name) => ({ name, reader: `Reader ${name}`, vpcd: null }));
    terminal = await TestTerminal.make({ lanes });
    server = await createTestApp(terminal.gateway);
    terminal.readerOf("Reader A").fault = "READER_UNKNOWN";
    terminal.readerOf("Reader B").card = card;
    await call("GET", "/v1/lanes");
    expect(await call("GET", "/v1/readiness")).toMatchObject({
      ...{ status: 200 },
      body: { reader: { code: "READER_UNKNOWN" }, lanes: [{ name: "A" }, { name: "B", reader: { state: "card" } }] },
    });
    terminal.readerOf("Reader B").card = null;
    const sold = await call("PUT", "/v1/sales/one", { amount: "1.00", lane: "B", waitSeconds: 60 });
    expect(sold).toMatchObject({ status: 200, body: { lane: "B", state: "waiting" } });
    const busy = await call("PUT", "/v1/lanes/B", { reader: "Spare" });
    expect(busy).toMatchObject({ status: 409, body: { code: "TAP_IN_PROGRESS" } });
    await call("POST", "/v1/sales/one/cancel", {});
    terminal.readerOf("Reader B").card = card;
    await call("POST", "/v1/sales/one/attempts", { waitSeconds: 0 });
    await terminal.gateway.sales.settled();
    expect(await call("GET", "/v1/sales/one")).toMatchObject({ body: { lane: "B", state: "paid" } });
    const taken = await call("PUT", "/v1/lanes/A", { reader: "Reader B" });
    expect(taken).toMatchObject({ status: 409, body: { code: "READER_TAKEN" } });
    expect(await call("PUT", "/v1/lanes/A", { reader: "Spare" })).toMatchObject({
      status: 200,
      body: {
        lanes: [{ name: "A", configured: "Reader A", reader: { name: "Spare", state: "ready" } }, { name: "B" }],
      },
    });
    for (const [method, url, body] of [
      ["PUT", "/v1/lanes/C", { reader: "Spare" }],
      ["PUT", "/v1/sales/two", { amount: "1.00", lane: "C" }],
      ["POST", "/v1/taps", { amount: "1.00", lane: "C" }],
    ] as const)
      expect(await call(method, url, body)).toMatchObject({ status: 400, body: { code: "LANE_UNKNOWN" } });
    expect(await call("GET", "/v1/sales?lane=A")).toMatchObject({ body: { sales: [] } });
    expect(await call("GET", "/v1/sales?lane=B")).toMatchObject({ body: { sales: [{ id: "one" }] } });
  });
});
